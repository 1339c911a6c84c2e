"""What a delete or a selection shows."""

from typing import Any

from omnisession_client.values import Pending, State
from omnisession_client_faults import views
from omnisession_client_faults.faults import fault
from omnisession_client_faults.views import View


@fault("shows-no-deletes", breaks="HYB-005", replaces="view.folded")
def no_deletes(original: Any, state: State, shown: View, one: Pending) -> View:
    """A delete is shown when the server says so."""
    return shown if one.doing.type.endswith(".delete") else original(state, shown, one)


@fault("marks-what-is-deleted", breaks="HYB-005", replaces="view.folded")
def marks(original: Any, state: State, shown: View, one: Pending) -> View:
    """What is deleted stays in the list, marked, until the server says so."""
    if not one.doing.type.endswith(".delete"):
        return original(state, shown, one)
    return views.with_entry(shown, one, views.target(one), {"deleted": True, "content": ""})


def _articles(original: Any, state: State, shown: View, one: Pending, *names: str) -> View:
    """What a delete of an article shows, but for some members of the slice that stay."""
    after: View = original(state, shown, one)
    if one.doing.type != "article.delete" or "articles" not in after:
        return after
    before = shown["articles"]
    kept = {name: before[name] for name in names}
    return {**after, "articles": {**after["articles"], **kept}}


@fault("shows-the-current-article-it-deletes", breaks="HYB-005", replaces="view.folded")
def the_current(original: Any, state: State, shown: View, one: Pending) -> View:
    """A delete of the current article leaves it open."""
    return _articles(original, state, shown, one, "current_article", "revisions")


@fault("shows-the-revisions-of-what-it-deletes", breaks="HYB-005", replaces="view.folded")
def the_revisions(original: Any, state: State, shown: View, one: Pending) -> View:
    """A delete of the current article leaves its revisions."""
    return _articles(original, state, shown, one, "revisions")


@fault("shows-the-editors-of-what-it-deletes", breaks="HYB-005", replaces="view.folded")
def the_editors(original: Any, state: State, shown: View, one: Pending) -> View:
    """A delete of an article leaves those who edit it."""
    return _articles(original, state, shown, one, "editors")


@fault("closes-what-is-current-with-any-delete", breaks="HYB-005", replaces="view.folded")
def any_delete(original: Any, state: State, shown: View, one: Pending) -> View:
    """A delete of any article closes the current one."""
    after: View = original(state, shown, one)
    if one.doing.type != "article.delete" or "articles" not in after:
        return after
    return {**after, "articles": {**after["articles"], "current_article": None, "revisions": []}}


@fault("shows-a-selection-at-once", breaks="HYB-005", replaces="view.folded")
def selects(original: Any, state: State, shown: View, one: Pending) -> View:
    """A selected article is the current one at once, as far as the list has it."""
    after: View = original(state, shown, one)
    if one.doing.type != "article.select" or views.target(one) is None or "articles" not in after:
        return after
    held = after["articles"]
    found = [entry for entry in held["articles"] if entry["id"] == views.target(one)]
    if not found:
        return after
    return {**after, "articles": {**held, "current_article": found[0], "revisions": []}}


@fault("closes-what-was-current-at-a-selection", breaks="HYB-005", replaces="view.folded")
def closes(original: Any, state: State, shown: View, one: Pending) -> View:
    """A selection of another article closes the current one until the server says more."""
    after: View = original(state, shown, one)
    if one.doing.type != "article.select" or "articles" not in after:
        return after
    return {**after, "articles": {**after["articles"], "current_article": None, "revisions": []}}


@fault("closes-nothing-at-once", breaks="HYB-005", replaces="view.folded")
def closes_nothing(original: Any, state: State, shown: View, one: Pending) -> View:
    """That nothing is selected is shown when the server says so."""
    return shown if one.doing.type == "article.select" else original(state, shown, one)


@fault("keeps-revisions-of-nothing", breaks="HYB-005", replaces="view.folded")
def revisions_of_nothing(original: Any, state: State, shown: View, one: Pending) -> View:
    """Where nothing is selected any more, the revisions stay."""
    after: View = original(state, shown, one)
    if one.doing.type != "article.select" or "articles" not in after:
        return after
    revisions = shown["articles"]["revisions"]
    return {**after, "articles": {**after["articles"], "revisions": revisions}}
