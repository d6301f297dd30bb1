package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.kinds.pod.Mirrors;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.runtime.time.Randomness;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every pod runs as a service account that exists: {@code default} where it names none. Its
 * containers find the account's token, the cluster's CA and the namespace in a projected volume,
 * unless the pod or the account says that they should not.
 */
final class ServiceAccountAdmission implements AdmissionPlugin {
  private static final GroupResource ACCOUNTS = new GroupResource("", "serviceaccounts");
  private static final String MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
  private static final String VOLUME_PREFIX = "kube-api-access-";

  /** An hour and seven seconds: upstream's way to tell this volume's tokens from all others. */
  private static final int TOKEN_SECONDS = 3_607;

  private static final int FILE_MODE = 0644;

  private final ClusterObjects objects;
  private final Randomness random;

  ServiceAccountAdmission(ClusterObjects objects, Randomness random) {
    this.objects = objects;
    this.random = random;
  }

  @Override
  public String name() {
    return "ServiceAccount";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode pod = request.object();
    if (pod == null || request.operation() != Operation.CREATE || !request.isFor("", "pods")) {
      return;
    }
    if (Mirrors.isMirror(pod)) {
      // A node's own pod is nobody's at the API.
      return;
    }
    ObjectNode spec = Json.ensureObject(pod, "spec");
    if (Json.text(spec, "serviceAccountName").isEmpty()) {
      spec.put("serviceAccountName", "default");
      spec.put("serviceAccount", "default");
    }
    String name = Json.text(spec, "serviceAccountName");
    ObjectNode account = account(request, name);
    if (wantsToken(spec, account)) {
      mountToken(spec);
    }
    if (spec.path("imagePullSecrets").isEmpty() && !account.path("imagePullSecrets").isEmpty()) {
      spec.set("imagePullSecrets", account.path("imagePullSecrets").deepCopy());
    }
  }

  private ObjectNode account(AdmissionRequest request, String name) {
    return objects
        .find(ACCOUNTS, new ObjectKey(request.namespace(), name))
        .orElseThrow(() ->
            Failures.refused(
                request.resource(),
                request.name(),
                "error looking up service account "
                    + request.namespace()
                    + "/"
                    + name
                    + ": serviceaccount \""
                    + name
                    + "\" not found"));
  }

  @Override
  public void validate(AdmissionRequest request) {
    ObjectNode pod = request.object();
    boolean made = request.operation() == Operation.CREATE && request.isFor("", "pods");
    boolean joined =
        request.operation() == Operation.UPDATE && request.isFor("", "pods", "ephemeralcontainers");
    if (pod == null || !(made || joined) || Mirrors.isMirror(pod)) {
      return;
    }
    JsonNode spec = pod.path("spec");
    MountableSecrets secrets =
        new MountableSecrets(account(request, Json.text(spec, "serviceAccountName")));
    (made ? secrets.problem(spec) : secrets.problemOfJoining(spec))
        .ifPresent(problem -> {
          throw Failures.refused(request.resource(), request.name(), problem);
        });
  }

  private static boolean wantsToken(ObjectNode spec, ObjectNode account) {
    JsonNode own = spec.path("automountServiceAccountToken");
    JsonNode general = account.path("automountServiceAccountToken");
    return own.isBoolean() ? own.asBoolean() : !general.isBoolean() || general.asBoolean();
  }

  private void mountToken(ObjectNode spec) {
    List<ObjectNode> without = new ArrayList<>();
    for (String field : List.of("initContainers", "containers")) {
      for (JsonNode container : spec.path(field)) {
        if (container instanceof ObjectNode object && !mounts(object)) {
          without.add(object);
        }
      }
    }
    if (without.isEmpty()) {
      return;
    }
    String volume = VOLUME_PREFIX + random.nameSuffix(5);
    for (JsonNode present : spec.path("volumes")) {
      // One that was copied along with another pod's spec serves as well.
      if (Json.text(present, "name").startsWith(VOLUME_PREFIX)) {
        volume = Json.text(present, "name");
      }
    }
    for (ObjectNode container : without) {
      array(container, "volumeMounts")
          .addObject()
          .put("name", volume)
          .put("readOnly", true)
          .put("mountPath", MOUNT_PATH);
    }
    for (JsonNode present : spec.path("volumes")) {
      if (Json.text(present, "name").equals(volume)) {
        return;
      }
    }
    addVolume(array(spec, "volumes").addObject(), volume);
  }

  private static boolean mounts(ObjectNode container) {
    for (JsonNode mount : container.path("volumeMounts")) {
      if (Json.text(mount, "mountPath").equals(MOUNT_PATH)) {
        return true;
      }
    }
    return false;
  }

  private static void addVolume(ObjectNode volume, String name) {
    volume.put("name", name);
    ObjectNode projected = volume.putObject("projected");
    ArrayNode sources = projected.putArray("sources");
    sources
        .addObject()
        .putObject("serviceAccountToken")
        .put("expirationSeconds", TOKEN_SECONDS)
        .put("path", "token");
    ObjectNode authority = sources.addObject().putObject("configMap");
    authority.putArray("items").addObject().put("key", "ca.crt").put("path", "ca.crt");
    authority.put("name", "kube-root-ca.crt");
    ObjectNode namespace =
        sources.addObject().putObject("downwardAPI").putArray("items").addObject();
    namespace.putObject("fieldRef").put("apiVersion", "v1").put("fieldPath", "metadata.namespace");
    namespace.put("path", "namespace");
    projected.put("defaultMode", FILE_MODE);
  }

  private static ArrayNode array(ObjectNode object, String field) {
    return object.get(field) instanceof ArrayNode array ? array : object.putArray(field);
  }
}
