"""What a status or a transport error means, and what to check next, one short sentence each.

Names and meanings of statuses follow RFC 9110 §15, RFC 6585 and the IANA registry of status codes;
the sentences are ours. 598 and 599 are in nobody's standard: proxies made them up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["check_of_error", "meaning", "meaning_of_error", "next_check"]

_OF_STATUS: Final[Mapping[int, tuple[str, str]]] = {
    100: ("The server is ready for the body.", "Nothing: a final answer should follow."),
    101: ("The server changes to another protocol.", "Check that the URL is not a WebSocket's."),
    102: ("The server has begun and needs time.", "Nothing: a final answer should follow."),
    103: ("The server sends hints before its answer.", "Nothing: a final answer should follow."),
    200: ("The request was carried out.", "Check that the body says what later steps read."),
    201: ("Something new was created.", "Check that firing twice does not create it twice."),
    202: ("The request was accepted and will be worked on later.",
          "Check at the endpoint whether the work was really done."),
    203: ("Carried out, but a proxy changed the answer.", "Check what the proxy changed."),
    204: ("Carried out, and there is no body.", "Check that no later step reads this body."),
    205: ("Carried out, and the sender's form should be reset.",
          "Check that no later step reads this body."),
    206: ("Only a part of the content was sent.", "Check the request for a Range header."),
    207: ("Several results in one answer.", "Read the body: some of them may have failed."),
    208: ("Already listed earlier in the same answer.", "Read the body of the whole answer."),
    226: ("The answer holds only what changed.", "Check the request for an A-IM header."),
    300: ("There are several versions to choose from.", "Call the URL of the version you want."),
    301: ("The address has moved for good.", "Write the new URL from Location into the step."),
    302: ("The address has moved for now.",
          "Call the URL from Location, or let the endpoint answer without a redirect."),
    303: ("The result is at another address.", "Read Location: the call itself may have worked."),
    304: ("Nothing has changed since the last time.",
          "Take If-None-Match and If-Modified-Since out of the headers."),
    305: ("The endpoint wants a proxy in between.", "Ask its owner: this status is out of use."),
    306: ("A status that is reserved.", "Ask the endpoint's owner what is meant by it."),
    307: ("The address has moved for now; the method must stay.",
          "Call the URL from Location with the same method."),
    308: ("The address has moved for good; the method must stay.",
          "Write the new URL from Location into the step."),
    400: ("The server does not understand the request.",
          "Compare the payload with what the endpoint expects, field by field."),
    401: ("The server does not know who is calling.",
          "Check the Authorization header: is the token there, right and not expired?"),
    402: ("Payment is required.", "Check the plan or the credit of the account."),
    403: ("The caller is known but may not do this.",
          "Check the rights of the key, and whether the endpoint allows your address."),
    404: ("There is nothing at this address.",
          "Check the URL's path and the ids that tags put into it."),
    405: ("The address does not take this method.",
          "Check the method; the Allow header lists those that work."),
    406: ("The server cannot answer in the wanted format.", "Check the Accept header."),
    407: ("A proxy in between wants to know who is calling.", "Check the proxy's credentials."),
    408: ("The server waited too long for the request.", "Send it again; check the body's size."),
    409: ("The request clashes with what is there already.",
          "Check whether the record exists or was changed by a call before."),
    410: ("It was there and is gone for good.", "Check the id, or take the call out."),
    411: ("The server wants to know the length of the body.", "Send a Content-Length header."),
    412: ("A condition in the headers did not hold.", "Check If-Match and its relatives."),
    413: ("The body is too large for the server.", "Send less: leave out the user's data."),
    414: ("The URL is too long.", "Move values from the query into the body."),
    415: ("The server does not take this kind of body.",
          "Check Content-Type against what the endpoint expects."),
    416: ("The wanted part does not exist.", "Check the Range header."),
    417: ("The server cannot do what the Expect header asks.", "Take the Expect header out."),
    418: ("The server jokes that it is a teapot.", "Check whether something blocks robots."),
    421: ("The request reached a server that does not serve this host.",
          "Check the URL's host and the Host header."),
    422: ("The request is readable, but its values are refused.",
          "Read the body of the answer; look for values that are missing or of the wrong type."),
    423: ("The record is locked.", "Find out who holds the lock, then send it again."),
    424: ("Something this request depends on has failed.", "Look at the call before this one."),
    425: ("The server will not risk a request that might be repeated.", "Send it again."),
    426: ("The server wants another protocol.", "Check http against https; see Upgrade."),
    428: ("The server wants a condition in the headers.", "Send If-Match with the version."),
    429: ("Too many requests in a short time.",
          "Wait as long as Retry-After says, and send fewer at once."),
    431: ("The headers are too large.", "Look for a long cookie, token or tag in the headers."),
    444: ("The server (nginx) hung up without an answer.", "Check its blocking rules."),
    451: ("Withheld for legal reasons.", "Ask the endpoint's owner."),
    499: ("The caller (as nginx sees it) hung up first.", "Compare the time-out."),
    500: ("The server broke while working on the request.",
          "Look into its log for this moment; try the same payload with less in it."),
    501: ("The server cannot do this at all.", "Check the method and the URL."),
    502: ("A gateway got no proper answer from the server behind it.",
          "Check whether the application behind the gateway is running."),
    503: ("The server is overloaded or down for maintenance.",
          "Wait (Retry-After may say how long) and check its status page."),
    504: ("A gateway waited too long for the server behind it.",
          "Find out what takes so long there; answer early and work later."),
    505: ("The server does not speak this version of HTTP.", "Check the gateway in between."),
    506: ("The server is set up so that it chooses itself in a circle.", "Tell its owner."),
    507: ("The server has no room left.", "Tell its owner."),
    508: ("The server went round in a circle.", "Check for records that refer to each other."),
    510: ("The server wants an extension of HTTP.", "Ask its owner which one."),
    511: ("The network wants a login first.", "Open a browser: this is a public network's page."),
    520: ("A proxy (Cloudflare) got an answer that it could not understand.",
          "Look into the log of the server behind it."),
    521: ("The server behind the proxy (Cloudflare) refused the connection.",
          "Check whether the server is running and lets the proxy in."),
    522: ("The proxy (Cloudflare) could not reach the server in time.",
          "Check the server's load and its firewall."),
    523: ("The proxy (Cloudflare) finds no way to the server.", "Check the server's DNS records."),
    524: ("The server behind the proxy (Cloudflare) took too long.",
          "Answer early and work later."),
    525: ("The proxy (Cloudflare) and the server could not agree on TLS.",
          "Check the server's certificate."),
    526: ("The certificate of the server behind the proxy (Cloudflare) is not valid.",
          "Renew the server's certificate."),
    529: ("The service is overloaded.", "Wait, and send fewer at once."),
    530: ("The site behind the proxy is down.", "Read the body for the proxy's own code."),
    598: ("A proxy gave up waiting to read (in no standard).",
          "Compare the endpoint's answering time with the proxy's time-out."),
    599: ("A proxy gave up waiting to connect (in no standard).",
          "Check whether the endpoint can be reached from the proxy."),
}  # fmt: skip

_OF_CLASS: Final[Mapping[int, tuple[str, str]]] = {
    1: ("An answer on the way, not the final one.", "Nothing: a final answer should follow."),
    2: ("A success that is not in the standard.", "Read the body of the answer."),
    3: ("The answer points somewhere else.", "Read the Location header."),
    4: ("The server blames the request.", "Read the body of the answer; compare the payload."),
    5: ("The server blames itself.", "Look into its log for this moment."),
}

_OUTSIDE: Final = ("A status that HTTP does not have.", "Ask the endpoint's owner what it means.")

_OF_ERROR: Final[Mapping[str, tuple[str, str]]] = {
    "unsendable": ("The rendered request cannot be sent.",
                   "Look for line breaks or letters outside ASCII in the headers' values."),
    "invalid_url": ("The rendered URL is not one.",
                    "Look at the tags in the URL: is one of them empty?"),
    "unsupported_scheme": ("The URL does not begin with http:// or https://.",
                           "Check the start of the URL and the variable it comes from."),
    "dns": ("The host's name is not known.", "Check the spelling of the host, and the network."),
    "refused": ("Nobody listens at this host and port.",
                "Check the port, and whether the endpoint is running."),
    "connect_timeout": ("The host did not take the connection in time.",
                        "Check the host, its firewall, and a VPN that may be needed."),
    "tls": ("No secure connection could be agreed on.",
            "Check the certificate: expired, self-signed, or for another host?"),
    "proxy": ("The proxy in between refused.", "Check the proxy's address and credentials."),
    "pool_timeout": ("Too many calls at once; none of the connections came free.",
                     "Send fewer at once."),
    "write_timeout": ("The server stopped taking the request.",
                      "Check the size of the body and the network."),
    "reset": ("The server cut the connection.",
              "Look into its log: did it crash, or does something block the call?"),
    "read_timeout": ("The server did not answer in time.",
                     "Compare the step's time-out with how long the endpoint needs."),
    "disconnected": ("The server hung up without an answer.",
                     "Look into its log for this moment."),
    "protocol": ("What came back is not HTTP.", "Check the port: does it speak http or https?"),
    "truncated": ("The answer ended before it was complete.",
                  "Compare its Content-Length with what was sent; look into the server's log."),
    "decoding": ("The answer's compression could not be undone.",
                 "Check Content-Encoding against what was really sent."),
    "too_large": ("The answer is larger than what is accepted.",
                  "Ask the endpoint for less, or raise max_received_bytes in the settings."),
    "too_many_redirects": ("One redirect led to another, too often.",
                           "Follow the Location headers: they may go in a circle."),
    "bad_redirect": ("A redirect without a usable address.", "Check the Location header."),
    "unmatched": ("No mock rule answers this call.",
                  "Add a rule, or change the nearest one that the message names."),
    "breaker_open": ("Not sent: the calls before it failed too often.",
                     "Mend the endpoint; the breaker tries again after its pause."),
    "throttled": ("Not sent: more calls a second than the step allows.",
                  "Raise the step's throttle, or send fewer at once."),
}  # fmt: skip

_OF_PHASE: Final[Mapping[tuple[str, str], str]] = {
    ("reset", "send"): "The server cut the connection while the request was being sent.",
    ("reset", "head"): "The server cut the connection before it answered.",
    ("reset", "body"): "The server cut the connection in the middle of its answer.",
    ("read_timeout", "head"): "The server did not begin to answer in time.",
    ("read_timeout", "body"): "The server began to answer and then fell silent.",
    ("protocol", "body"): "The body of the answer breaks the rules of HTTP.",
}


def _of_status(status: int) -> tuple[str, str]:
    return _OF_STATUS.get(status) or _OF_CLASS.get(status // 100, _OUTSIDE)


def meaning(status: int) -> str:
    """What this status means; a sentence for any number."""
    return _of_status(status)[0]


def next_check(status: int) -> str:
    """What to look at next after this status; a sentence for any number."""
    return _of_status(status)[1]


def meaning_of_error(kind: str, phase: str = "") -> str:
    """What a transport error means; the phase makes it more exact.

    Raises:
        KeyError: for a kind that is not in ``PHASES_OF``.
    """
    return _OF_PHASE.get((kind, phase)) or _OF_ERROR[kind][0]


def check_of_error(kind: str, phase: str = "") -> str:
    """What to look at next after a transport error.

    Raises:
        KeyError: for a kind that is not in ``PHASES_OF``.
    """
    if kind == "read_timeout" and phase == "body":
        return "Check whether the endpoint stops in the middle of its work."
    return _OF_ERROR[kind][1]
