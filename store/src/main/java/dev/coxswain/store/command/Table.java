package dev.coxswain.store.command;

import java.util.ArrayList;
import java.util.List;

/**
 * A table drawn as etcdctl draws it: titles centred, if anything to the left, and numbers to the
 * right.
 */
final class Table {
  private final List<String> titles;
  private final List<List<String>> rows = new ArrayList<>();

  Table(List<String> titles) {
    this.titles = titles;
  }

  Table row(List<String> cells) {
    rows.add(cells);
    return this;
  }

  @Override
  public String toString() {
    List<Integer> widths = new ArrayList<>();
    StringBuilder rule = new StringBuilder("+");
    for (int column = 0; column < titles.size(); column++) {
      int width = titles.get(column).length();
      for (List<String> row : rows) {
        width = Math.max(width, row.get(column).length());
      }
      widths.add(width);
      rule.append("-".repeat(width + 2)).append('+');
    }
    StringBuilder text = new StringBuilder();
    text.append(rule).append('\n').append('|');
    for (int column = 0; column < titles.size(); column++) {
      int room = widths.get(column) - titles.get(column).length();
      int before = room / 2;
      text.append(' ').append(" ".repeat(before)).append(titles.get(column));
      text.append(" ".repeat(room - before)).append(" |");
    }
    text.append('\n').append(rule).append('\n');
    for (List<String> row : rows) {
      text.append('|');
      for (int column = 0; column < titles.size(); column++) {
        String pad = " ".repeat(widths.get(column) - row.get(column).length());
        text.append(' ').append(pad).append(row.get(column)).append(" |");
      }
      text.append('\n');
    }
    return text.append(rule).toString();
  }
}
