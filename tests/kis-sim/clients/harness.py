"""Runs a client's calls against kis-sim and tells what became of each.

A client's own file makes one Calls, hands it each call with what its answer has to hold, and ends with finish().
"""

import contextlib
import io
import json
import logging
import os
import re
import sys
import time
import urllib.error
import urllib.request

GATEWAY, CONTROL = os.environ["GATEWAY"], os.environ["CONTROL"]
PAPER, REAL = (dict(zip(("key", "secret", "account"), os.environ[mode].split(), strict=True)) for mode in ("PAPER", "REAL"))

# The session of clients.sh's --start, and the next day's hours for what a regular session does not take: the day market
# (11:00 in Korea, when reservations are taken, too) and the pre-market. The clock only goes forward.
SESSION_DAY = "2023-05-24"
DAY_MARKET, PRE_MARKET = "2023-05-25T02:00:00Z", "2023-05-25T12:00:00Z"


def control(method, path, body=None):
    """One request to the control port."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(CONTROL + path, data, headers, method=method)) as answer:
        return json.load(answer)


def furnish():
    """Lifts the limits, and gives both accounts shares, cash, one open buy of AAPL and a round trip in TSLA."""
    control("POST", "/limits", {"gateway_per_second": None, "ledger_per_second": None, "token_per_minute": False})
    # mojito2 orders by the ids of before 2023.
    control("POST", "/quirks", {"legacy_tr_ids": True})
    for account in ("real", "paper"):
        control("POST", "/cash", {"account": account, "usd": "1000000"})
        costs = {"AAPL": "150", "MSFT": "280", "AMZN": "100", "GOOGL": "110", "META": "200", "TSLA": "160"}
        for symbol, cost in costs.items():
            control("POST", "/positions", {"account": account, "symbol": symbol, "quantity": 100, "average_cost": cost})
        order = {"account": account, "symbol": "AAPL", "side": "buy", "quantity": 3, "limit_price": "150"}
        control("POST", "/orders/foreign", order)
        for side in ("buy", "sell"):
            order = {"account": account, "symbol": "TSLA", "side": side, "quantity": 2, "limit_price": "182"}
            number = control("POST", "/orders/foreign", order)["order_id"]
            with contextlib.suppress(urllib.error.HTTPError):  # it has filled by itself
                control("POST", "/orders/fill", {"account": account, "order_id": number, "price": "182"})


def clock(moment):
    control("POST", "/clock", {"set": moment})


def heard(messages, is_meant, seconds=20):
    """Waits until a websocket has brought a message that is meant; gives whether it has."""
    end = time.monotonic() + seconds
    while not any(map(is_meant, list(messages))) and time.monotonic() < end:
        time.sleep(0.05)
    return any(map(is_meant, list(messages)))


class NoContent(Exception):
    """The answer is no success, or not of the kind that the call is for."""


class Calls:
    def __init__(self, client, not_simulators):
        """`not_simulators`: {call: (part of the failure's text, whose, why)} of failures that kis-sim is not to blame for;
        whose is "client" or "KIS" (refuses it likewise). A call that fails in another way than is written here counts as the
        simulator's."""
        self.client, self.not_simulators = client, not_simulators
        self.rows = []
        furnish()

    def call(self, name, run, holds, what="what it is for"):
        """Runs it; `holds(answer)` has to be true. Gives the answer, or None when it failed."""
        control("DELETE", "/requests")
        said = io.StringIO()
        # The official samples swallow failures and print or log them.
        root = logging.getLogger()
        handlers, root.handlers = root.handlers, [logging.StreamHandler(said)]
        answer = None
        try:
            with contextlib.redirect_stdout(said):
                answer = run()
            refused = isinstance(answer, dict) and "rt_cd" in answer and answer["rt_cd"] != "0"
            if refused:
                raise NoContent(f"answered rt_cd {answer['rt_cd']} {answer.get('msg_cd')} {answer.get('msg1')}")
            try:
                held = bool(holds(answer))
            except Exception as error:  # e.g. a key that is not there
                raise NoContent(f"answered without {what} ({one_line(error)})") from error
            if not held:
                raise NoContent(f"answered without {what}")
            failure = None
        except Exception as error:
            failure = str(error) if isinstance(error, NoContent) else one_line(error)
        finally:
            root.handlers = handlers
        if failure is not None:
            failure = " | ".join(part for part in (failure, refusal(said.getvalue()), last_request()) if part)
            if os.environ.get("VERBOSE"):
                print(f"--- {name}: {failure}\n{said.getvalue()}", file=sys.stderr)
            answer = None
        self.rows.append((name, failure))
        return answer

    def skip(self, name, why):
        """A call that cannot be tried because one before it failed."""
        self.rows.append((name, f"not tried: {why}"))

    def finish(self):
        """Prints the table; the exit status is 1 when a failure is not known as somebody else's."""
        width = max(len(name) for name, _ in self.rows)
        unknown = 0
        print(f"{self.client}\n{'call':{width}}  result  whose      reason")
        for name, failure in self.rows:
            part, whose, why = self.not_simulators.get(name, (None, "", ""))
            if failure is None:
                print(f"{name:{width}}  works" + (f"              (was known to fail: {why})" if part else ""))
            elif part is not None and part in failure:
                print(f"{name:{width}}  FAILS   {whose:9}  {why}: {failure}")
            else:
                unknown += 1
                print(f"{name:{width}}  FAILS   simulator  {failure}")
        works = sum(failure is None for _, failure in self.rows)
        print(
            f"{self.client}: {works} of {len(self.rows)} work"
            + (f", {unknown} fail for the simulator's reasons" if unknown else "")
        )
        sys.exit(unknown > 0)


def one_line(error):
    """Exception type and message; python-kis appends the whole request."""
    text = re.sub(r"\s+", " ", str(error)).split("[ Request ]")[0].strip()
    return f"{type(error).__name__}: {text[:200]}"


def refusal(said):
    """What a client printed of an answer's msg1."""
    found = re.findall(r'msg1["\s]*:\s*"?([^"\n}]+)', said)
    return found[-1].strip() if found else ""


def last_request():
    """The last request that kis-sim got, which is where the call ended."""
    requests = [r for r in control("GET", "/requests")["requests"] if "oauth2/tokenP" not in r["path"]]
    return " ".join(
        f"{r['method']} {r['path']} {r['tr_id'] or ''} -> {r['status']} {r['msg_cd'] or ''}".strip() for r in requests[-1:]
    )
