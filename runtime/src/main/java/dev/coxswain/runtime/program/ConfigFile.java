package dev.coxswain.runtime.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a configuration file, YAML or JSON, into a record, strictly. */
public final class ConfigFile {
  private ConfigFile() {}

  /**
   * Reads the file.
   *
   * @throws IllegalArgumentException naming the file, the field and what is wrong with it
   */
  public static <C> C read(Path file, Class<C> type) {
    byte[] text;
    try {
      text = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("config file " + file + " does not exist", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "config file " + file + " cannot be read: " + e.getMessage(), e);
    }
    YAMLMapper mapper =
        YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();
    try {
      return mapper.readValue(text, type);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "config file " + file + ": unknown field \"" + path(e) + "\"", e);
    } catch (DatabindException e) {
      throw new IllegalArgumentException(
          "config file " + file + ": " + path(e) + ": " + e.getOriginalMessage(), e);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "config file " + file + " is not valid YAML: " + e.getOriginalMessage(), e);
    }
  }

  /** {@code profiles[0].name}. */
  private static String path(DatabindException e) {
    var path = new StringBuilder();
    for (JacksonException.Reference step : e.getPath()) {
      if (step.getPropertyName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
      }
    }
    return path.toString();
  }
}
