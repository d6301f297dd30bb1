package dev.coxswain.proxy.iptables;

/** The iptables tables that hold our rules, in the order in which they are written. */
enum Table {
  RAW("raw"),
  FILTER("filter"),
  NAT("nat");

  private final String text;

  Table(String text) {
    this.text = text;
  }

  /** As iptables spells it. */
  String text() {
    return text;
  }
}
