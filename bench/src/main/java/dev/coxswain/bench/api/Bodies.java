package dev.coxswain.bench.api;

import java.util.Locale;

/** The objects that the load is made of. */
final class Bodies {
  private static final String FILLER = "x".repeat(1024);
  private static final int VARIABLES = 34;

  private Bodies() {}

  /** A ConfigMap with a value of 1 KiB. */
  static String configMap(String name) {
    return configMap(name, 0);
  }

  /** The same with a stamp. */
  static String configMap(String name, long stamp) {
    return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\""
        + name
        + "\"},\"data\":{\"stamp\":\""
        + stamp
        + "\",\"value\":\""
        + FILLER
        + "\"}}";
  }

  /** A merge patch of that ConfigMap. */
  static String patch(long stamp) {
    return "{\"data\":{\"stamp\":\"" + stamp + "\"}}";
  }

  /**
   * A pod that no scheduler takes, stored with about the 5.7 KB that a pod of a Deployment with
   * probes, variables and a status has.
   */
  static String pod(String name) {
    StringBuilder variables = new StringBuilder();
    for (int i = 0; i < VARIABLES; i++) {
      variables.append(
          String.format(
              Locale.ROOT,
              "%s{\"name\":\"VARIABLE_%d\",\"value\":\"the value of number %d\"}",
              i == 0 ? "" : ",",
              i,
              i));
    }
    return "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\""
        + name
        + "\",\"labels\":{\"app\":\"bench\",\"tier\":\"web\"}},\"spec\":{"
        + "\"schedulerName\":\"nobody\",\"containers\":[{\"name\":\"main\","
        + "\"image\":\"coxswain/demo:1\",\"ports\":[{\"name\":\"http\",\"containerPort\":8080}],"
        + "\"resources\":{\"requests\":{\"cpu\":\"100m\",\"memory\":\"64Mi\"},"
        + "\"limits\":{\"memory\":\"128Mi\"}},"
        + "\"readinessProbe\":{\"httpGet\":{\"path\":\"/ready\",\"port\":\"http\"}},"
        + "\"livenessProbe\":{\"httpGet\":{\"path\":\"/live\",\"port\":\"http\"}},\"env\":["
        + variables
        + "]}]}}";
  }
}
