"""The lowest limits that a server may have, as the specification says."""

FLOORS = {
    "action": 8_192,
    "event": 20_480,
    "state": 49_152,
    "article_content": 2_048,
    "article_rest": 1_024,
    "chat_content": 512,
    "target_url": 512,
    "articles": 20,
    "revisions": 10,
    "editors": 20,
    "urls": 20,
    "chat_messages": 20,
    "participants": 20,
    "sessions": 8,
}
FLOOR_OF_RATE = 20
