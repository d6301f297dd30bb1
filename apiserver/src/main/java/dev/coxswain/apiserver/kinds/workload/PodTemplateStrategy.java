package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.kinds.pod.PodDefaults;
import dev.coxswain.apiserver.kinds.pod.PodSpecRules;
import dev.coxswain.apiserver.kinds.pod.PodWarnings;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The rules of templates of pods that stand by themselves. */
public final class PodTemplateStrategy extends StandardStrategy {
  /** Rules on this shape. */
  public PodTemplateStrategy(Schema schema) {
    super(schema, false, true);
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    PodDefaults.fillTemplate(Defaults.object(object, "template"));
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    new PodSpecRules(errors).checkTemplate(object.path("template"), "template");
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    return PodWarnings.ofTemplate(object, old, false, "template", "spec");
  }
}
