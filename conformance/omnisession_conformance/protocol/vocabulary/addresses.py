"""Addresses that careless servers parse and write again, shorten or clean."""

from __future__ import annotations

ADDRESSES = {
    "letters of the scheme and the host": "HTTPS://WWW.Example.ORG/{}",
    "a host without a path": "https://{}.example.org",
    "a path of a slash alone": "https://{}.example.org/",
    "a default port": "http://example.org:80/{}",
    "a default port of TLS": "https://example.org:443/{}",
    "a zero before a port": "http://example.org:08080/{}",
    "a host with a dot at its end": "https://example.org./{}",
    "segments of dots": "https://example.org/a/./b/../{}/..",
    "double slashes": "https://example.org//a///{}//",
    "escapes in either case": "https://example.org/%e2%82%AC/%7e~%2F%41/{}",
    "spaces as escape and plus": "https://example.org/a%20b+c?q=d%20e+f&x={}",
    "an empty query and fragment": "https://example.org/{}?#",
    "a query in no order": "https://example.org/?z=1&a=2&z=1&&b&c=&id={}",
    "marks of a campaign": "https://example.org/{}?utm_source=x&fbclid=y&gclid=z#top",
    "brackets and braces": "https://example.org/a[0]/{{x}}|{}?f[]=1&f[]=2",
    "a route of a page": "https://example.org/app#/{}?tab=1",
    "a session in a path": "https://example.org/{};jsessionid=1;v=1.1?x;y",
    "user and password": "https://user:p%40ss@example.org/{}",
    "an address by number": "http://127.1:8080/{}",
    "an address in brackets": "http://[2001:DB8:0:0::1]:8080/{}",
    "letters beyond ASCII": "https://m\u00fcnchen.example/{}/\u00e9?\u00fc=\u6f22#\u00df",
    "a host in Punycode": "https://xn--MNCHEN-3ya.example/{}",
    "markup": "https://example.org/{}?a=1&amp;b=2&copy=3&lt;=%3Cb%3E'\"",
}
"""By what may get lost in each: absolute addresses, with `{}` for a text that nobody else has."""


def addresses(mark: str) -> dict[str, str]:
    """Each address with a mark in it, by what may get lost."""
    return {what: text.format(mark) for what, text in ADDRESSES.items()}
