package dev.coxswain.store;

import dev.coxswain.runtime.program.Durations;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as etcd spells them, {@code 10m}, or as ISO 8601 does, {@code PT10M}. */
final class Spans implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    try {
      return text.startsWith("P") ? Duration.parse(text) : Durations.parse("value", text);
    } catch (DateTimeParseException | IllegalArgumentException e) {
      throw new TypeConversionException("\"" + text + "\" is not a duration such as 10m or 1m30s");
    }
  }
}
