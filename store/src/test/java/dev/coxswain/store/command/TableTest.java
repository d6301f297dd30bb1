package dev.coxswain.store.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The expected tables are etcdctl 3.4's, for a hash of seven digits and of eight. */
final class TableTest {
  private static final List<String> TITLES = List.of("HASH", "REVISION", "TOTAL KEYS");

  @Test
  void aTitleThatCannotStandInTheMiddleStandsLeftOfIt() {
    assertThat(new Table(TITLES).row(List.of("4e1b3a4", "53", "56")).toString())
        .isEqualTo(
            """
            +---------+----------+------------+
            |  HASH   | REVISION | TOTAL KEYS |
            +---------+----------+------------+
            | 4e1b3a4 |       53 |         56 |
            +---------+----------+------------+\
            """);
  }

  @Test
  void aTitleStandsInTheMiddle() {
    assertThat(new Table(TITLES).row(List.of("74e1b3a4", "53", "56")).toString())
        .isEqualTo(
            """
            +----------+----------+------------+
            |   HASH   | REVISION | TOTAL KEYS |
            +----------+----------+------------+
            | 74e1b3a4 |       53 |         56 |
            +----------+----------+------------+\
            """);
  }
}
