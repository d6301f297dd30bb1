package dev.coxswain.controllers.object;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Metadata read without nulls. */
public final class Meta {
  private Meta() {}

  /** The object's key. */
  public static ObjectKey key(HasMetadata object) {
    return new ObjectKey(namespace(object), name(object));
  }

  /** The name; empty where none is set yet. */
  public static String name(HasMetadata object) {
    return text(object.getMetadata().getName());
  }

  /** The namespace; empty for a cluster-scoped object. */
  public static String namespace(HasMetadata object) {
    return text(object.getMetadata().getNamespace());
  }

  /** The uid; empty for an object that was not stored yet. */
  public static String uid(HasMetadata object) {
    return text(object.getMetadata().getUid());
  }

  /** The labels. */
  public static Map<String, String> labels(HasMetadata object) {
    Map<String, String> labels = object.getMetadata().getLabels();
    return labels == null ? Map.of() : labels;
  }

  /** The annotations. */
  public static Map<String, String> annotations(HasMetadata object) {
    Map<String, String> annotations = object.getMetadata().getAnnotations();
    return annotations == null ? Map.of() : annotations;
  }

  /** The finalizers. */
  public static List<String> finalizers(HasMetadata object) {
    List<String> finalizers = object.getMetadata().getFinalizers();
    return finalizers == null ? List.of() : finalizers;
  }

  /** Whether its deletion has begun. */
  public static boolean deleting(HasMetadata object) {
    return object.getMetadata().getDeletionTimestamp() != null;
  }

  /** The generation; 0 where the kind keeps none. */
  public static long generation(HasMetadata object) {
    Long generation = object.getMetadata().getGeneration();
    return generation == null ? 0 : generation;
  }

  /** The version as a number: versions of one kind can be compared. */
  public static long version(HasMetadata object) {
    String version = object.getMetadata().getResourceVersion();
    return version == null || version.isEmpty() ? 0 : Long.parseUnsignedLong(version);
  }

  /** When it was created; the epoch where that is not known. */
  public static Instant created(HasMetadata object) {
    return time(object.getMetadata().getCreationTimestamp()).orElse(Instant.EPOCH);
  }

  /** A timestamp field's time; empty where it is unset or not a time. */
  public static Optional<Instant> time(@Nullable String timestamp) {
    if (timestamp == null || timestamp.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(timestamp));
    } catch (DateTimeParseException malformed) {
      return Optional.empty();
    }
  }

  /** A time as the API's timestamps spell it, to the second. */
  public static String timestamp(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** A field's text; empty where it is unset. */
  public static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  /** A field's number; the fallback where it is unset. */
  public static int number(@Nullable Integer value, int fallback) {
    return value == null ? fallback : value;
  }

  /** A field's list; empty where it is unset. */
  public static <E> List<E> list(@Nullable List<E> value) {
    return value == null ? List.of() : value;
  }

  /** A field's map; empty where it is unset. */
  public static <V> Map<String, V> map(@Nullable Map<String, V> value) {
    return value == null ? Map.of() : value;
  }
}
