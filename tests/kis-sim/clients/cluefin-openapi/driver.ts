// The driver of cluefin-openapi: takes a call as a line of JSON, answers in one. cluefin_openapi_calls.py says what to call.

import { createInterface } from "node:readline";
import { KisAuth, KisHttpClient, KisSocketClient, OverseasRealtimeQuote } from "cluefin-openapi";
import type { ApiResponse, WebSocketEvent } from "cluefin-openapi";

const gateway = process.env.GATEWAY ?? "";

// How a user points it at kis-sim: its addresses are KIS's, but it takes a fetch, and the websocket's address is a field.
const fetchImpl: typeof fetch = (url, init) => fetch(String(url).replace(/^https:\/\/[^/]+/, gateway), init);
const toSimulator = (socket: KisSocketClient) => Object.assign(socket, { url: `${gateway.replace("http", "ws")}/tryitout` });

type Arguments = Record<string, string>;
type Areas = Record<string, Record<string, (given: Arguments) => Promise<ApiResponse>>>;

class Account {
  private readonly keys;
  private readonly auth;
  private client?: KisHttpClient;
  private approvalKey = "";
  private socket?: KisSocketClient;
  private readonly events: WebSocketEvent[] = [];

  constructor(credentials: string, private readonly env: "prod" | "dev") {
    const [appKey = "", secretKey = ""] = credentials.split(" ");
    this.keys = { appKey, secretKey, env };
    this.auth = new KisAuth({ ...this.keys, fetchImpl });
  }

  async call(name: string, given: Arguments): Promise<unknown> {
    switch (name) {
      case "auth.generate":
        return this.remember(await this.auth.generate());
      case "auth.approve":
        ({ approvalKey: this.approvalKey } = await this.auth.approve());
        return { approvalKey: this.approvalKey };
      case "auth.revoke":
        return { revoked: await this.auth.revoke() };
      case "socket.listen":
        return this.listen(given);
      case "socket.event":
        return this.event(given);
      default: {
        const [area = "", method = ""] = name.split(".");
        const found = (this.client as unknown as Areas | undefined)?.[area]?.[method];
        if (found === undefined) throw new Error(`cluefin-openapi has no ${name}`);
        return (await found(given)).body;
      }
    }
  }

  private remember(token: { accessToken: string; tokenType: string }) {
    this.client = new KisHttpClient({ ...this.keys, token: token.accessToken, fetchImpl });
    return token;
  }

  // Connects and subscribes to trades of a share and to the account's notices.
  private async listen({ trade = "", user = "" }: Arguments) {
    this.socket = toSimulator(new KisSocketClient({ ...this.keys, approvalKey: this.approvalKey }));
    this.socket.on("data", (event: WebSocketEvent) => this.events.push(event));
    const connected = new Promise((resolve) => this.socket?.on("connected", resolve));
    this.socket.connect();
    await connected;
    const quotes = new OverseasRealtimeQuote(this.socket);
    await quotes.subscribeExecution(trade);
    await quotes.subscribeExecutionNotification(user);
    return { subscriptions: this.socket.subscriptions.size };
  }

  // The last event of that kind, read by the client's own parser; null while there is none.
  private event({ trId = "" }: Arguments) {
    const parse = trId === "HDFSCNT0" ? "parseExecutionData" : "parseExecutionNotificationData";
    const event = this.events.findLast((one) => one.trId === trId);
    const data = event?.data as { values: string[] } | undefined;
    return data === undefined ? null : OverseasRealtimeQuote[parse](data.values)[0];
  }
}

const accounts: Record<string, Account> = {
  real: new Account(process.env.REAL ?? "", "prod"),
  paper: new Account(process.env.PAPER ?? "", "dev"),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { account, call, arguments: given } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ answer: await accounts[account]?.call(call, given) }));
  } catch (error) {
    const { name, message, responseData } = error as Error & { responseData?: unknown };
    console.log(JSON.stringify({ error: [name, message, JSON.stringify(responseData)].filter(Boolean).join(" ") }));
  }
}
process.exit();
