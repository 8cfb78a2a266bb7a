#!/usr/bin/env python3
"""Measures kis-sim: how soon it listens, how many requests a second it answers, and whether a simulated year fills the memory.

usage: KIS_SIM=PROGRAM scripts/bench/simulator.py      (bench.sh calls it with the one it built)

It prints figures and asserts nothing. kis-sim has one core and the client the others, where there are others; the client's own cost is in
the rate, and not in kis-sim's CPU time.
"""

import http.client
import json
import os
import statistics
import subprocess
import time

PROGRAM = os.environ["KIS_SIM"]
CORES = sorted(os.sched_getaffinity(0))
STARTS, REQUESTS, DAYS, REQUESTS_A_DAY = 40, 10_000, 365, 120
PRICE = "/uapi/overseas-price/v1/quotations/price?AUTH=&EXCD=NAS&SYMB=AAPL"


class Simulator:
    def __init__(self):
        started = time.perf_counter()
        command = [PROGRAM, "--start", "2022-06-01T14:30:00Z", "--limits", "none"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        address = json.loads(self.process.stdout.readline())
        self.start_seconds = time.perf_counter() - started
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            os.sched_setaffinity(int(thread), CORES[:1])
        self.gateway, self.control = (http.client.HTTPConnection(address[port].removeprefix("http://")) for port in ("gateway", "control"))
        said = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout.split()
        self.key, self.secret, self.account = (said[said.index(word, said.index("paper")) + 1] for word in ("key", "secret", "account"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def steer(self, path, body):
        self.control.request("POST", path, json.dumps(body))
        return json.load(self.control.getresponse())

    def ask(self, method, path, headers, body=None):
        self.gateway.request(method, path, body and json.dumps(body), {"Content-Type": "application/json", **headers})
        return json.load(self.gateway.getresponse())

    def log_in(self):
        keys = {"grant_type": "client_credentials", "appkey": self.key, "appsecret": self.secret}
        token = self.ask("POST", "/oauth2/tokenP", {}, keys)["access_token"]
        self.headers = {"authorization": f"Bearer {token}", "appkey": self.key, "appsecret": self.secret}

    def price(self):
        return self.ask("GET", PRICE, {**self.headers, "tr_id": "HHDFS00000300"})["output"]["last"]

    def buy(self):
        number, product = self.account.split("-")
        order = {"CANO": number, "ACNT_PRDT_CD": product, "OVRS_EXCG_CD": "NASD", "PDNO": "AAPL", "ORD_QTY": "1"}
        order |= {"OVRS_ORD_UNPR": "1.00", "ORD_SVR_DVSN_CD": "0", "ORD_DVSN": "00"}
        return self.ask("POST", "/uapi/overseas-stock/v1/trading/order", {**self.headers, "tr_id": "VTTT1002U"}, order)

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def starts():
    seconds = []
    for _ in range(STARTS):
        with Simulator() as simulator:
            seconds.append(simulator.start_seconds)
    median, longest = (1000 * value for value in (statistics.median(seconds), max(seconds)))
    print(f"start to the first line: median {median:.1f} ms, longest {longest:.1f} ms, of {STARTS}")


def rate():
    with Simulator() as simulator:
        simulator.log_in()
        began, cpu = time.perf_counter(), simulator.cpu_seconds()
        for _ in range(REQUESTS):
            simulator.price()
        seconds, cpu = time.perf_counter() - began, simulator.cpu_seconds() - cpu
        print(f"{REQUESTS} quotes on one connection, kis-sim on one core: {REQUESTS / seconds:.0f} a second, {1000 * cpu / REQUESTS:.2f} ms of CPU each")


def year():
    """The log of requests fills in its first months; the orders stay in the books."""
    with Simulator() as simulator:
        print(f"a year of {REQUESTS_A_DAY} requests a day: {simulator.memory_mib():.1f} MiB", end="", flush=True)
        orders = 0
        for day in range(1, DAYS + 1):
            simulator.steer("/clock", {"advance_seconds": 86_400})
            simulator.log_in()
            orders += simulator.buy()["rt_cd"] == "0"
            for _ in range(REQUESTS_A_DAY):
                simulator.price()
            if day in (90, 180, 270, DAYS):
                print(f", day {day} {simulator.memory_mib():.1f}", end="", flush=True)
        print(f", with {orders} orders")


os.sched_setaffinity(0, CORES[1:] or CORES)
starts()
rate()
year()
