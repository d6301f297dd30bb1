package dev.coxswain.apiserver.trace;

/** What a request's time goes into, in the order in which requests come by. */
public enum Stage {
  OPENING("waiting for the server to open"),
  AUTHENTICATION("authentication"),
  SEAT("waiting for a seat"),
  AUTHORIZATION("authorization"),
  ROOM("waiting for room"),
  DECODING("decoding"),
  ADMISSION("admission"),
  CONVERSION("conversion"),
  CACHE("waiting for the cache"),
  KEYS("key server"),
  STORE("store"),
  BACKEND("the server behind"),
  ENCODING("encoding"),
  AUDIT("audit"),
  SENDING("sending"),
  REST("the rest");

  private final String text;

  Stage(String text) {
    this.text = text;
  }

  /** What an operator reads. */
  String text() {
    return text;
  }
}
