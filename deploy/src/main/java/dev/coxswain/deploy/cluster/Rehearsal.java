package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.Processes;
import dev.coxswain.deploy.image.BuiltinImages;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.List;

/** What every cluster does soon after its start, done once so that the start-up caches hold it. */
public final class Rehearsal {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
  private static final String SERVICES = "/api/v1/namespaces/default/services";

  private final ClusterApi api;
  private final Time time;
  private final Progress progress;

  public Rehearsal(ClusterApi api, Time time, Progress progress) {
    this.api = api;
    this.time = time;
    this.progress = progress;
  }

  /** Runs a small Deployment behind a Service and reads what a user would. */
  public void run() {
    api.post(
        DEPLOYMENTS,
        """
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "rehearsal"},
         "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "rehearsal"}},
           "template": {"metadata": {"labels": {"app": "rehearsal"}},
             "spec": {"containers": [{"name": "demo", "image": "%s",
               "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}}}]}}}}
        """
            .formatted(BuiltinImages.DEMO));
    api.post(
        SERVICES,
        """
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "rehearsal"},
         "spec": {"selector": {"app": "rehearsal"}, "ports": [{"port": 80, "targetPort": 8080}]}}
        """);
    boolean ran = Processes.await(time, LIMIT, this::oneReady);
    for (String path :
        List.of("/openapi/v3", "/apis", "/api/v1/pods", "/api/v1/events", "/metrics")) {
      api.get(path);
    }
    progress.step(ran ? "rehearsed" : "rehearsed, but the pod did not become ready");
  }

  private boolean oneReady() {
    return api.get(DEPLOYMENTS + "/rehearsal")
        .filter(answer -> answer.status() == 200)
        .filter(answer -> answer.json().path("status").path("readyReplicas").asInt(0) == 1)
        .isPresent();
  }
}
