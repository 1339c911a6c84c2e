"""The seed map leaves nothing of the seed out, and names requirements that there are.

The seed is the document that the protocol began with. It is not part of this repository, so its names
stand here.
"""

from __future__ import annotations

import re

import pytest

from spec_lint import PAGES, REGISTRY, ROOT
from spec_source import read_registry

PAGE = (ROOT / PAGES / "seed-map.md").read_text("utf-8")
SPEC_OF = {e.id: e.spec for e in read_registry((ROOT / REGISTRY).read_text("utf-8"))}

NONE = "\N{EN DASH}"
SUBJECTS = (
    "session.{user_id}.{session_id}.state",
    "session.{user_id}.{session_id}.events",
    "session.{user_id}.{session_id}.control",
    "user.actions.{user_id}",
    "chat.messages",
    "article.edit.start",
    "article.{article_id}.updates",
)
TYPES = (
    *("SessionState", "StateData", "ArticlesState", "ChatState", "UrlState", "UserState"),
    *("Article", "Revision", "ChatMessage", "User", "SessionMsg", "UserAction", "ChatMsg"),
    *("HybridState", "HybridMsg", "LocalState", "ServerState", "UiState", "Context"),
    *("StateManager", "ArticleService", "NatsMessage", "ServerStateUpdate"),
    *("SendMessage", "MessageReceived", "List", "Option", "Int", "String", "Result"),
)
FIELDS = (
    *("user_id", "session_id", "timestamp", "data", "articles", "current_article", "revisions"),
    *("messages", "participants", "typing_indicators", "local_state", "server_state", "ui_state"),
    *("pending_actions", "content", "author_id", "nc", "logger"),
)
FUNCTIONS = (
    *("session_app", "init", "update", "view", "encoder_decoder", "timestamp_now"),
    *("decode_state", "decode_event", "apply_event", "encode_action", "subscribe_to_nats"),
    *("publish_to_nats", "hybrid_session_app", "init_hybrid", "update_hybrid", "view_hybrid"),
    *("PublishState", "PublishEvent", "Sprintf", "Marshal", "Publish", "UpdateArticle"),
    *("getAffectedUsers", "getUserSessions", "buildArticleState", "setup_session_subscription"),
    *("publish_user_action", "sync_article_state", "get_article", "build_article_state"),
    *("publish_state_to_user_sessions", "chat_component", "init_chat", "update_chat", "view_chat"),
    *("chat_encoder_decoder", "encode_message", "handle_edit_start", "encode_edit_start"),
    *("handle_article_update", "get_article_editors"),
)
SECTIONS = (
    *("Overview", "1. Subject-per-Session Model", "2. State Message Structure"),
    *("Approach 1: Pure Omnimessage", "Approach 2: Hybrid Go + Omnimessage"),
    *("Go Server: State Management Service", "Go Server: Article Service Integration", "Benefits"),
    *("Phase 1: Foundation", "Phase 2: State Synchronization", "Phase 3: Real-time Features"),
    *("Migration Path", "Example: Article Editing Flow", "Conclusion"),
)


def in_code() -> str:
    """Everything on the page that stands in code, one piece a line."""
    return "\n".join(re.findall(r"`([^`]+)`", PAGE))


def rows() -> list[list[str]]:
    """The cells of all rows that map something."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] != "Seed"]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_is_mapped(subject: str) -> None:
    assert re.search(rf'[`"]{re.escape(subject)}[`"]', PAGE)


def test_every_name_is_mapped() -> None:
    mapped = {*re.findall(r"\w+", in_code())}
    assert [name for name in (*TYPES, *FIELDS, *FUNCTIONS) if name not in mapped] == []


def test_every_section_is_gone_through_in_order() -> None:
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE)[: len(SECTIONS)] == list(SECTIONS)


def test_every_requirement_named_is_linked_to_its_sentence() -> None:
    linked = re.findall(r"\[([A-Z]+-\d+)\]\(([^)]*)\)", PAGE)
    assert len(linked) > 100
    assert [id_ for id_, target in linked if SPEC_OF.get(id_) != target] == []
    named = re.findall(r"\b[A-Z]+-\d{3}\b", PAGE)
    assert [id_ for id_ in named if id_ not in SPEC_OF] == []


def test_every_row_has_requirements_or_says_why_there_are_none() -> None:
    assert len(rows()) > 80
    for row in rows():
        assert len(row) == 4, row
        _, here, requirements, checked = row
        assert here
        assert (requirements == NONE) == checked.startswith("outside: "), row
        assert requirements == NONE or requirements.startswith("["), row
