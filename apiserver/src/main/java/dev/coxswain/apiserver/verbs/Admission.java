package dev.coxswain.apiserver.verbs;

import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.Rewriting;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.Stage;
import java.util.List;

/** All admission plugins as one. */
final class Admission {
  private final List<AdmissionPlugin> plugins;

  Admission(List<AdmissionPlugin> plugins) {
    this.plugins = List.copyOf(plugins);
  }

  /** Lets the plugins change the object; says whether it may be another one than they made. */
  boolean mutate(AdmissionRequest request) {
    try (var _ = RequestTrace.enter(Stage.ADMISSION)) {
      return mutated(request);
    }
  }

  private boolean mutated(AdmissionRequest request) {
    plugins.forEach(plugin -> plugin.mutate(request));
    List<Rewriting> rewritings =
        plugins.stream()
            .map(plugin -> plugin.begin(request))
            .filter(rewriting -> !rewriting.equals(Rewriting.NONE))
            .toList();
    boolean rewritten = run(rewritings);
    if (rewritten) {
      plugins.forEach(plugin -> plugin.mutate(request));
      run(rewritings);
    }
    return rewritten;
  }

  private static boolean run(List<Rewriting> rewritings) {
    boolean changed = false;
    for (Rewriting rewriting : rewritings) {
      changed |= rewriting.run();
    }
    return changed;
  }

  void validate(AdmissionRequest request) {
    try (var _ = RequestTrace.enter(Stage.ADMISSION)) {
      for (AdmissionPlugin plugin : plugins) {
        plugin.validate(request);
      }
    }
  }
}
