package dev.coxswain.apiserver.cel;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.coxswain.apiserver.cel.library.QuantityFunctions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Expressions that choose devices ({@code device.attributes['gpu.example.com'].model == 'x'}). */
public final class DeviceExpressions {
  private static final ImmutableMap<String, CelType> FIELDS =
      ImmutableMap.of(
          "driver",
          SimpleType.STRING,
          "attributes",
          byDomain(SimpleType.DYN),
          "capacity",
          byDomain(QuantityFunctions.TYPE));
  private static final Environment ENVIRONMENT = environment();

  private DeviceExpressions() {}

  private static CelType byDomain(CelType value) {
    return MapType.create(SimpleType.STRING, MapType.create(SimpleType.STRING, value));
  }

  @SuppressWarnings("Immutable") // the types of fields do not change
  private static Environment environment() {
    CelType device =
        StructType.create(
            "kubernetes.DRADevice", FIELDS.keySet(), name -> Optional.ofNullable(FIELDS.get(name)));
    return Environment.of(Map.of("device", device), List.of(), new KindTypes().with(device));
  }

  /** Why an expression cannot be taken; empty where it can. */
  public static Optional<String> problem(String text) {
    try {
      CelType type = ENVIRONMENT.compile(text).type();
      return type.equals(SimpleType.BOOL) || type.equals(SimpleType.DYN)
          ? Optional.empty()
          : Optional.of("must evaluate to bool or the unknown type, not " + type.name());
    } catch (MalformedExpressionException e) {
      return Optional.of("compilation failed: " + e.getMessage());
    }
  }
}
