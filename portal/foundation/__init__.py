"""What every room stands on: errors, settings, database, sealing, audit, blobs, clock."""
