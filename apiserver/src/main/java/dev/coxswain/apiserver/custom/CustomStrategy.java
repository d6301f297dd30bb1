package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.rules.SchemaRuleSet;
import dev.coxswain.apiserver.structural.Defaulting;
import dev.coxswain.apiserver.structural.EmbeddedResources;
import dev.coxswain.apiserver.structural.ListKeys;
import dev.coxswain.apiserver.structural.SchemaValidator;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of one version of a custom resource: those of its schema. */
final class CustomStrategy extends StandardStrategy {
  private static final Set<String> STANDARD_FINALIZERS =
      Set.of("orphan", "foregroundDeletion", "kubernetes");

  private static final Set<FieldError.Type> BLOCKING =
      EnumSet.of(
          FieldError.Type.NOT_SUPPORTED,
          FieldError.Type.REQUIRED,
          FieldError.Type.TOO_LONG,
          FieldError.Type.TOO_MANY,
          FieldError.Type.TYPE_INVALID);

  private final Settings settings;
  private final SchemaValidator validator;
  private final @Nullable SchemaValidator statusValidator;
  private final @Nullable SchemaRuleSet rules;

  /**
   * What the definition says of a version.
   *
   * @param resource the resource
   * @param schema the schema
   * @param hasStatus whether the status is kept apart
   * @param scale the scale subresource; null where there is none
   * @param terminating whether the definition is being deleted, so that nothing new may be made
   */
  record Settings(
      GroupResource resource,
      StructuralSchema schema,
      boolean hasStatus,
      Subresource.@Nullable Scale scale,
      boolean terminating) {}

  CustomStrategy(Settings settings) {
    super(settings.schema(), settings.hasStatus(), true);
    this.settings = settings;
    this.validator = new SchemaValidator(settings.schema());
    StructuralSchema status = settings.schema().properties().get("status");
    this.statusValidator = status == null ? null : new SchemaValidator(status);
    this.rules = SchemaRuleSet.any(settings.schema()) ? new SchemaRuleSet(settings.schema()) : null;
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    if (settings.terminating()) {
      throw Failures.refused(
          settings.resource(),
          Json.text(object, "metadata", "name"),
          "create not allowed while custom resource definition is terminating");
    }
    super.prepareForCreate(object);
  }

  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForUpdate(object, old);
    // Where the status is not kept apart, a change of it counts as a change of what is wanted.
    if (!settings.hasStatus() && !Json.same(object.path("status"), old.path("status"))) {
      Json.ensureObject(object, "metadata")
          .put("generation", Json.number(old, 1, "metadata", "generation") + 1);
    }
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    Defaulting.fill(object, settings.schema());
  }

  @Override
  public boolean mayUpdateUnconditionally() {
    return false;
  }

  @Override
  public List<FieldError> validate(ObjectNode object) {
    List<FieldError> errors = new ArrayList<>(validator.validate("", object, null));
    scale(object, errors);
    structure(object, null, errors);
    rules(object, null, errors);
    return errors;
  }

  @Override
  public List<FieldError> validateUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>(validator.validate("", object, old));
    scale(object, errors);
    structure(object, old, errors);
    rules(object, old, errors);
    return errors;
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode status = object.get("status");
    if (status != null && statusValidator != null) {
      errors.addAll(statusValidator.validate("status", status, old.get("status")));
    }
    if (settings.scale() != null) {
      count(object, settings.scale().statusReplicas(), errors);
    }
    structure(object, old, errors);
    rules(object, old, errors);
    return errors;
  }

  /** What the schema asks beyond each single value. */
  private void structure(ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
    EmbeddedResources.check(settings.schema(), object, "", errors);
    List<FieldError> before = new ArrayList<>();
    if (old != null) {
      ListKeys.check(settings.schema(), old, "", before);
    }
    if (before.isEmpty()) {
      ListKeys.check(settings.schema(), object, "", errors);
    }
  }

  /** Rules can be asked only of what has the right shape. */
  private void rules(ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
    if (rules == null) {
      return;
    }
    if (errors.stream().anyMatch(error -> BLOCKING.contains(error.type()))) {
      errors.add(
          new FieldError(
              FieldError.Type.INVALID,
              "<nil>",
              "null",
              "some validation rules were not checked because the object was invalid; correct the"
                  + " existing errors to complete validation"));
    } else {
      errors.addAll(rules.validate(object, old));
    }
  }

  private void scale(ObjectNode object, List<FieldError> errors) {
    if (settings.scale() != null) {
      count(object, settings.scale().specReplicas(), errors);
      count(object, settings.scale().statusReplicas(), errors);
    }
  }

  private static void count(ObjectNode object, String path, List<FieldError> errors) {
    JsonNode value = Json.at(object, path.substring(1).split("\\.", -1));
    if (value.isMissingNode()) {
      return;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      errors.add(
          FieldError.invalid(
              path,
              0,
              path + " accessor error: " + value + " is of the wrong type, expected int64"));
    } else if (value.asLong() < 0) {
      errors.add(FieldError.invalid(path, value, "should be a non-negative integer"));
    } else if (value.asLong() > Integer.MAX_VALUE) {
      errors.add(
          FieldError.invalid(path, value, "should be less than or equal to " + Integer.MAX_VALUE));
    }
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    Set<String> added = finalizers(object);
    if (old != null) {
      added.removeAll(finalizers(old));
    }
    List<String> warnings = new ArrayList<>();
    for (String finalizer : added) {
      String head = "metadata.finalizers: \"" + finalizer + "\": ";
      Names.qualifiedName(finalizer).ifPresent(problem -> warnings.add(head + problem));
      if (!finalizer.contains("/") && !STANDARD_FINALIZERS.contains(finalizer)) {
        warnings.add(
            head
                + "prefer a domain-qualified finalizer name "
                + (finalizer.contains(".") ? "including a path (/) " : "")
                + "to avoid accidental conflicts with other finalizer writers");
      }
    }
    return warnings;
  }

  private static Set<String> finalizers(ObjectNode object) {
    Set<String> finalizers = new LinkedHashSet<>();
    Json.at(object, "metadata", "finalizers")
        .forEach(finalizer -> finalizers.add(finalizer.asString("")));
    return finalizers;
  }
}
