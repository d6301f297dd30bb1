package dev.coxswain.bench.store;

import java.io.PrintStream;
import java.util.Locale;

/** Rows of ours, etcd's, and ours as a ratio of etcd's. */
final class Ratios {
  private final PrintStream out;

  Ratios(PrintStream out) {
    this.out = out;
  }

  void title(String title) {
    out.printf(Locale.ROOT, "%n%-45s %12s %12s %8s%n", title, "ours", "etcd", "ratio");
  }

  void heading(String heading) {
    out.println(heading);
  }

  void row(String what, double ours, double etcd) {
    out.printf(Locale.ROOT, "%-45s %12.2f %12.2f %7.2fx%n", what, ours, etcd, ours / etcd);
  }

  void note(String note) {
    out.println("  " + note);
  }
}
