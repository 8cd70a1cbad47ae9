"""An application up to its submission: answers, documents, signatures."""
