package dev.coxswain.scheduler.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The model classes leave absent lists null. */
final class Lists {
  private Lists() {}

  static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
