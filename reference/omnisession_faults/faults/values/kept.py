"""Faults of values that are written in another way, or have a meaning that nobody gave them."""
# ruff: noqa: D102  an override means what it overrides

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.protocol import Versions
from omnisession_reference.session import Session, Terms
from omnisession_reference.sessions import Sessions
from omnisession_reference.wire import Incoming, JsonObject

OF_JAVASCRIPT = ("__proto__", "constructor", "toString", "valueOf", "hasOwnProperty")
OF_NOTHING = ("null", "undefined", "None", "nil", "0", "false")
VERSION = re.compile(r"\d+\.\d+(\.\d+)?")


@fault("addresses-normalised", breaks="ENV-010")
class AddressesNormalised(Urls):
    """An address is parsed and written again, its host in small letters and never without a path."""

    def check(self, url: JsonObject) -> None:
        parts = urlsplit(str(url["target_url"]))
        told = (parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", parts.query)
        url["target_url"] = urlunsplit((*told, parts.fragment))
        super().check(url)


@fault("addresses-encoded-again", breaks="ENV-010")
class AddressesEncodedAgain(Urls):
    """The path of an address is decoded and encoded again."""

    def check(self, url: JsonObject) -> None:
        parts = urlsplit(str(url["target_url"]))
        url["target_url"] = urlunsplit(parts._replace(path=quote(unquote(parts.path))))
        super().check(url)


@fault("addresses-without-campaigns", breaks="ENV-010")
class AddressesWithoutCampaigns(Urls):
    """Marks of a campaign are taken out of an address."""

    def check(self, url: JsonObject) -> None:
        parts = urlsplit(str(url["target_url"]))
        left = [one for one in parse_qsl(parts.query) if not one[0].startswith("utm_")]
        if "utm_" in parts.query:
            url["target_url"] = urlunsplit(parts._replace(query=urlencode(left)))
        super().check(url)


@fault("tags-are-a-set", breaks="ENV-010")
class TagsAreASet(Articles):
    """A tag that stands twice is kept once."""

    def check_sizes(self, article: JsonObject) -> None:
        article["tags"] = list(dict.fromkeys(article["tags"]))
        super().check_sizes(article)


@fault("empty-tags-dropped", breaks="ENV-010")
class EmptyTagsDropped(Articles):
    """Tags are trimmed, and those that are empty dropped."""

    def check_sizes(self, article: JsonObject) -> None:
        article["tags"] = [tag.strip() for tag in article["tags"] if tag.strip()]
        super().check_sizes(article)


@fault("texts-that-mean-nothing", breaks="ENV-010")
class TextsThatMeanNothing(Articles):
    """A text that some language takes for nothing is kept as an empty one."""

    def check_sizes(self, article: JsonObject) -> None:
        for name in ("title", "subtitle", "leading"):
            article[name] = "" if article[name] in OF_NOTHING else article[name]
        super().check_sizes(article)


@fault("numbers-written-anew", breaks="ENV-010")
class NumbersWrittenAnew(Articles):
    """A text that is a number is written as numbers are."""

    def check_sizes(self, article: JsonObject) -> None:
        for name in ("title", "subtitle", "leading"):
            if re.fullmatch(r"[0-9]+", article[name]):
                article[name] = str(int(float(article[name])))
        super().check_sizes(article)


# -- words -----------------------------------------------------------------------------------------------


@fault("action-ids-of-objects", breaks="ACTION-027")
class ActionIdsOfObjects(Actions):
    """An `action_id` that every object of JavaScript has fails."""

    def known(self, action: Action) -> Outcome | None:
        if action.action_id in OF_JAVASCRIPT:
            raise Refusal(5000, "The server failed; send the action again.")
        return super().known(action)


@fault("users-of-objects", breaks="SUBJ-004")
class UsersOfObjects(Control):
    """Requests of a user whose id every object of JavaScript has are not answered."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        if user_id not in OF_JAVASCRIPT:
            super().receive(message, user_id, session_id)


@fault("sessions-that-mean-nothing", breaks="SUBJ-004")
class SessionsThatMeanNothing(Sessions):
    """A session whose id some language takes for nothing is none."""

    def live(self, user_id: str, session_id: str) -> Session | None:
        return None if session_id in OF_NOTHING else super().live(user_id, session_id)

    def require(self, user_id: str, session_id: str) -> Session:
        if session_id in OF_NOTHING:
            raise Refusal(4041, "There is no such session; open a new one.")
        return super().require(user_id, session_id)


@fault("types-of-objects", breaks="ACTION-017")
class TypesOfObjects(Actions):
    """A type that every object of JavaScript has is taken, and fails."""

    def check(self, action: Action) -> None:
        if action.body.get("type") in OF_JAVASCRIPT:
            raise Refusal(5000, "The server failed; send the action again.")
        super().check(action)


@fault("kinds-of-objects", breaks="CTRL-003")
class KindsOfObjects(Control):
    """A kind that every object of JavaScript has is granted."""

    def agree(self, request: Request, version: str) -> Terms:
        found = super().agree(request, version)
        told = (kind for kind in request.data["features"] if kind in OF_JAVASCRIPT)
        return Terms(version, found.kinds, (*found.features, *told), found.timers)


# -- versions --------------------------------------------------------------------------------------------


@fault("versions-read-as-numbers", breaks="VER-004")
class VersionsReadAsNumbers(Control):
    """What begins like a version of the server is one."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        data = re.sub(rb'"v" ?: ?"\s*v?0*1(\.[^"]*)?"', b'"v":"1.0"', message.data)
        super().receive(
            Incoming(message.subject, message.reply, data, message.trace), user_id, session_id
        )


@fault("no-version-is-any", breaks="VER-004")
class NoVersionIsAny(Control):
    """A request without `v` is taken for one of the server's own version."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        data = message.data
        if b'"v"' not in data and data.startswith(b"{"):
            data = b'{"v":"1.0",' + data[1:]
        super().receive(
            Incoming(message.subject, message.reply, data, message.trace), user_id, session_id
        )


@fault("majors-of-32-bits", breaks="VER-002")
class MajorsOf32Bits(Versions):
    """A MAJOR counts in 32 bits."""

    def negotiate(self, offers: Sequence[str]) -> str:
        told = [offer.partition(".") for offer in offers]
        return super().negotiate([f"{int(a) % 2**32}.{b}" for a, _, b in told])


@fault("clients-with-versions", breaks="VER-005")
class ClientsWithVersions(Control):
    """The version of a client has to look like one."""

    def open(self, request: Request) -> None:
        if not VERSION.fullmatch(request.data["client"]["version"]):
            raise Refusal(4001, "A version is x.y.z.", pointer="/data/client/version")
        super().open(request)


@fault("clients-need-a-name", breaks="VER-005")
class ClientsNeedAName(Control):
    """A client that does not say its name is refused."""

    def open(self, request: Request) -> None:
        if not request.data["client"]["name"].strip():
            raise Refusal(4220, "Tell the name of the program.")
        super().open(request)
