# A mail server for tests (aiosmtpd, from Debian). It keeps what it takes in DIR as
# 1.eml, 2.eml …, notes each recipient that is named to it in DIR/rcpt, and says by the
# part before the @ what it does:
#   later   451 to the recipient       gone  550 to the recipient
#   full    452 after the letter       spam  554 after the letter
#   broken  takes the letter and hangs up without an answer
# It offers STARTTLS if DIR has cert.pem and key.pem. It runs until its standard input
# ends. The browser tests use it, too.
import asyncio, os, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult

place, port, require = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "tls"
taken = 0


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        with open(os.path.join(place, "rcpt"), "a") as note:
            note.write(address + "\n")
        reply = {"later": "451 4.3.0 come again", "gone": "550 5.1.1 nobody here"}.get(address.split("@")[0])
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global taken
        who = envelope.rcpt_tos[0].split("@")[0]
        reply = {"full": "452 4.2.2 no room", "spam": "554 5.7.1 not wanted"}.get(who)
        if reply:
            return reply
        taken += 1
        temporary = os.path.join(place, "new")
        with open(temporary, "wb") as letter:
            letter.write(envelope.original_content)
        os.rename(temporary, os.path.join(place, "%d.eml" % taken))
        if who == "broken":
            server.transport.abort()
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"lotse" and data.password == b"secret"
    return AuthResult(success=good, handled=good)


async def main():
    context = None
    if os.path.exists(os.path.join(place, "cert.pem")):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(os.path.join(place, "cert.pem"), os.path.join(place, "key.pem"))
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(Handler(), hostname="mail.test", tls_context=context, require_starttls=require,
                        auth_require_tls=True, authenticator=authenticate, enable_SMTPUTF8=True)
    await loop.create_server(make, "127.0.0.1", port)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
