"""Telling people: messages waiting to be sent, templates, senders."""
