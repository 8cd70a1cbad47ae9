"""Between the office and the person: messages both ways, complaints, somebody who walks over."""
