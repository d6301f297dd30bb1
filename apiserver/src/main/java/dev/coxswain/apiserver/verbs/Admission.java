package dev.coxswain.apiserver.verbs;

import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import java.util.List;

/** All admission plugins as one. */
final class Admission {
  private final List<AdmissionPlugin> plugins;

  Admission(List<AdmissionPlugin> plugins) {
    this.plugins = List.copyOf(plugins);
  }

  void mutate(AdmissionRequest request) {
    for (AdmissionPlugin plugin : plugins) {
      plugin.mutate(request);
    }
  }

  void validate(AdmissionRequest request) {
    for (AdmissionPlugin plugin : plugins) {
      plugin.validate(request);
    }
  }
}
