package dev.coxswain.controllers.job;

import java.util.ArrayList;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Sets of numbers as a Job's status writes them: {@code 1,3-5,7}. */
final class Indexes {
  private Indexes() {}

  /** Reads a set; numbers at or beyond the bound, and what is malformed, are left out. */
  static NavigableSet<Integer> parse(String text, int bound) {
    var indexes = new TreeSet<Integer>();
    for (String part : text.split(",", -1)) {
      String[] ends = part.split("-", -1);
      if (ends.length > 2 || !ends[0].matches("\\d{1,9}")) {
        continue;
      }
      String last = ends[ends.length - 1];
      if (!last.matches("\\d{1,9}")) {
        continue;
      }
      int to = Math.min(Integer.parseInt(last), bound - 1);
      for (int i = Integer.parseInt(ends[0]); i <= to; i++) {
        indexes.add(i);
      }
    }
    return indexes;
  }

  /** Writes a set. */
  static String format(NavigableSet<Integer> indexes) {
    var parts = new ArrayList<String>();
    Integer from = null;
    Integer to = null;
    for (Integer index : indexes) {
      if (from != null && to != null && index == to + 1) {
        to = index;
      } else {
        if (from != null && to != null) {
          parts.add(range(from, to));
        }
        from = index;
        to = index;
      }
    }
    if (from != null && to != null) {
      parts.add(range(from, to));
    }
    return String.join(",", parts);
  }

  /** Two in a row are written one by one, as upstream does. */
  private static String range(int from, int to) {
    if (from == to) {
      return Integer.toString(from);
    }
    return from + (to == from + 1 ? "," : "-") + to;
  }
}
