"""Actions that are kept pending: from dispatch until the client's place counts them, or a final nack.

Each has its place in the order of dispatch. It gets its number and its bytes when it is first sent in a
session, and is sent again as these bytes. A new session takes it along under a number of its own.
"""
