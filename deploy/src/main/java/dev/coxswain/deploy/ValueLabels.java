package dev.coxswain.deploy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What {@code --help} shows where a flag takes a value, for flags that do not say it themselves:
 * the choices there are, or the last word of the flag's own name, as {@code --bind-address
 * ADDRESS}. Of itself it would be the name of a field, which tells nobody anything.
 */
final class ValueLabels {
  private ValueLabels() {}

  /** Labels the flags of a command and of all that stand below it. */
  static void show(CommandSpec command) {
    for (OptionSpec option : List.copyOf(command.options())) {
      if (option.paramLabel().startsWith("<") && option.arity().max() > 0) {
        command.remove(option);
        command.addOption(option.toBuilder().paramLabel(label(option)).build());
      }
    }
    command.subcommands().values().forEach(below -> show(below.getCommandSpec()));
  }

  private static String label(OptionSpec option) {
    Class<?> type = option.isMultiValue() ? option.auxiliaryTypes()[0] : option.type();
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(value -> value.toString().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining("|"));
    }
    if (type == boolean.class || type == Boolean.class) {
      return "BOOLEAN";
    }
    if (type == Duration.class) {
      return "DURATION";
    }
    String name = option.longestName();
    return name.substring(name.lastIndexOf('-') + 1).toUpperCase(Locale.ROOT);
  }
}
