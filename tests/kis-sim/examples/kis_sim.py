"""A simulated KIS gateway for a Python test: `with kis_sim() as sim:`, and the client under test talks to `sim.gateway`.

Needs kis-sim on the PATH, or where KIS_SIM says, and nothing but Python's own library. As a script it shows itself.
"""

import contextlib
import dataclasses
import json
import os
import subprocess
import urllib.error
import urllib.request


@dataclasses.dataclass
class Sim:
    """A running kis-sim: `gateway` is for the client, `control` for the test."""

    gateway: str
    control: str

    def post(self, path, body):
        """Steers it: `sim.post("/clock", {"advance_seconds": 3600})`."""
        return self._ask("POST", path, json.dumps(body).encode())

    def get(self, path):
        """Looks at it: `sim.get("/ledger")`."""
        return self._ask("GET", path, None)

    def delete(self, path, body):
        """Takes something away: `sim.delete("/faults", {})`."""
        return self._ask("DELETE", path, json.dumps(body).encode())

    def _ask(self, method, path, data):
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.control + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(f"{method} {path}: {error.read().decode()}") from None


@contextlib.contextmanager
def kis_sim(start="2023-05-24T14:30:00Z", *arguments):
    """Starts one for the time of the block, by default in the regular session of 2023-05-24 and without request limits."""
    command = [os.environ.get("KIS_SIM", "kis-sim"), "--start", start, "--limits", "none", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("kis-sim did not start; what it said stands above")
            yield Sim(**json.loads(line))
        finally:
            process.kill()


if __name__ == "__main__":
    with kis_sim() as sim:
        sim.post("/positions", {"account": "paper", "symbol": "AAPL", "quantity": 3, "average_cost": "150.00"})
        print(json.dumps(sim.get("/ledger")["accounts"]["paper"]["positions"]))
