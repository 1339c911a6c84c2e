"""What the self-test tells: terminal, Markdown and the document for programs."""
