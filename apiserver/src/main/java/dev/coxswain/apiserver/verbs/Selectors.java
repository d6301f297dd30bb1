package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.watch.Selection;

/** Reads what a list, watch or deletecollection selects. */
final class Selectors {
  private Selectors() {}

  static Selection of(ApiRequest request, ResourceType type) {
    LabelSelector labels;
    try {
      labels = LabelSelector.parse(request.query().text("labelSelector"));
    } catch (IllegalArgumentException e) {
      throw Failures.badRequest("unable to parse requirement: " + e.getMessage());
    }
    FieldSelector fields;
    try {
      fields = FieldSelector.parse(request.query().text("fieldSelector"));
    } catch (IllegalArgumentException e) {
      throw Failures.badRequest(String.valueOf(e.getMessage()));
    }
    for (FieldSelector.Term term : fields.terms()) {
      if (!type.selectableFields().names().contains(term.field())) {
        throw Failures.badRequest("field label not supported: " + term.field());
      }
    }
    return new Selection(
        type.namespaced() ? request.info().namespace() : "",
        name(request.info().name(), fields),
        labels,
        fields,
        type.selectableFields());
  }

  /**
   * The one name that the path and the fields allow; empty where they allow several. What was
   * authorized for the path's name must not select another.
   */
  private static String name(String path, FieldSelector fields) {
    String selected = selectedName(fields);
    if (!path.isEmpty() && !selected.isEmpty() && !path.equals(selected)) {
      throw Failures.badRequest(
          "the name in the path (" + path + ") does not match metadata.name=" + selected);
    }
    return path.isEmpty() ? selected : path;
  }

  /** The one name that the fields allow; empty where they allow several. */
  private static String selectedName(FieldSelector fields) {
    for (FieldSelector.Term term : fields.terms()) {
      if (term.field().equals("metadata.name") && term.equal()) {
        return term.value();
      }
    }
    return "";
  }
}
