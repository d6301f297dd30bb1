package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** The webhooks of all configurations of one kind; read anew when one changes. */
final class WebhookConfigurations {
  private static final Logger log = LoggerFactory.getLogger(WebhookConfigurations.class);

  private final ObjectView view;
  private final GroupResource resource;
  private volatile @Nullable Read last;

  private record Read(long revision, List<Webhook> webhooks) {}

  WebhookConfigurations(ObjectView view, String plural) {
    this.view = view;
    this.resource = new GroupResource("admissionregistration.k8s.io", plural);
  }

  /** The webhooks, by the names of their configurations. */
  List<Webhook> all() {
    long revision = view.revision(resource);
    Read known = last;
    if (known == null || known.revision() != revision) {
      known = new Read(revision, read());
      last = known;
    }
    return known.webhooks();
  }

  private List<Webhook> read() {
    List<ObjectNode> configurations = new ArrayList<>(view.list(resource, ""));
    configurations.sort(Comparator.comparing(one -> Json.text(one, "metadata", "name")));
    List<Webhook> webhooks = new ArrayList<>();
    for (ObjectNode configuration : configurations) {
      try {
        webhooks.addAll(Webhook.of(configuration));
      } catch (IllegalArgumentException e) {
        log.warn(
            "{} {}: its webhooks are not asked: {}",
            resource,
            Json.text(configuration, "metadata", "name"),
            e.getMessage());
      }
    }
    return List.copyOf(webhooks);
  }
}
