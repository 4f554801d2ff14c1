"""Where a channel may lead: signed webhooks, and those of Apprise's services whose address is fixed."""

import re
from urllib.parse import SplitResult, urlsplit

LENGTH = 2000
NOT_AN_ADDRESS = "This is not an address. Write for example https://example.com/hook or mailto://…."
USER = "Leave user and password out of the address: the messages are signed."
PORT = "Webhooks go to the ports 80 and 443, or from 1024 on."
SCHEME = "Shopbell does not send by this kind of address."
OWN_SERVER = "This leads to a server of one’s own, which needs SHOPBELL_ALLOW_PRIVATE_WEBHOOKS=1."

# Below 1024 live mail, shells and the like, to which nobody shall speak through us; receivers may be anywhere
# above.
WEB_PORTS, FREE_PORTS = (80, 443), 1024

# Services at an address of their own, telephones and mail.
_PUBLIC = """
46elks atalk azure brevo bulksms bulkvs burstsms clickatell clicksend cliq cm d7sms dapnet dingtalk
discord eight00com elks exotel feishu firehydrant flock freemobile gchat groupme guilded gupshup httpsms
ifttt ilert incidentio join kakao kakaotalk kaleyra kavenegar klr kook kudosity lark lfg line mailersend
mailgun mailto mailtos mobilemessage mobilemsg msg91 msgbird nexmo notifiarr notifyre o365 octopush
onesignal opsgenie pagerduty pagertree pbul plivo postmark pover prowl push pushed pushme pushplus pushy
qq resend revolt ringc ryver schan sendgrid sendpulse serwersms ses seven sfr signalgrid signl4
simplepush sinch slack smsc smsmanager smsmgr smstunnel smtp2go sns sparkpost spike splunk spugpush
spush squadcast stackfield telesign telnyx tgram threema twilio twist viber victorops voipms vonage
webex wecom wecombot whapi whatsapp wpush wxpusher wxteams x zalo zcliq zohocliq zoom
"""
PUBLIC = frozenset(_PUBLIC.split())
# The same, if the host that stands in the address is theirs.
HOSTED = {
    "infobip": ("api.infobip.com",),
    "ntfy": ("ntfy.sh",),
    "ntfys": ("ntfy.sh",),
    "workflow": ("logic.azure.com", "api.powerplatform.com"),
    "workflows": ("logic.azure.com", "api.powerplatform.com"),
}
# Servers of one's own, as they stand in a chain's own network.
_OWN = """
apprise apprises form forms gotify gotifys json jsons matrix matrixs mmost mmosts nctalk nctalks rocket
rockets signal signals synology synologys xml xmls zulip
"""
OWN = frozenset(_OWN.split())


def refusal(url: str, allow_private: bool) -> str | None:
    """Why nothing may be sent to an address, None if it may; it is never quoted, as it may hold a password.

    Where a name leads is seen at each connection, not here: it may be another address tomorrow.
    """
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s\x00-\x20\x7f]+", url, re.IGNORECASE) or len(url) > LENGTH:
        return NOT_AN_ADDRESS
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # a bracket left open, a port beyond 65535
        return NOT_AN_ADDRESS if is_webhook(url) else SCHEME
    if is_webhook(url):
        return _of_webhook(parts, host, port, allow_private)
    return _of_service(parts.scheme.lower(), host or "", allow_private)


def is_webhook(url: str) -> bool:
    """Whether a channel's address is a signed webhook's and not one of Apprise's."""
    return url.lower().startswith(("http://", "https://"))


def _of_webhook(parts: SplitResult, host: str | None, port: int | None, allow_private: bool) -> str | None:
    if not host or port == 0:
        return NOT_AN_ADDRESS
    if "@" in parts.netloc:
        return USER
    usual = port is None or port in WEB_PORTS or port >= FREE_PORTS
    return None if usual or allow_private else PORT


def _of_service(scheme: str, host: str, allow_private: bool) -> str | None:
    if scheme in PUBLIC or any(host == own or host.endswith(f".{own}") for own in HOSTED.get(scheme, ())):
        return None
    if scheme in OWN or scheme in HOSTED:
        return None if allow_private else OWN_SERVER
    return SCHEME
