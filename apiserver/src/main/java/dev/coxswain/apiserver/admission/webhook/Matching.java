package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.Optional;

/**
 * Which webhooks a request concerns.
 *
 * @param registry the resources that are served
 * @param objects where namespaces are looked up
 */
record Matching(ResourceRegistry registry, ClusterObjects objects) {
  /** The request as webhooks see it; empty where they have no say. */
  Optional<Subject> subject(AdmissionRequest request) {
    return Subject.of(request, registry);
  }

  /** The version by which the webhook is asked; empty where it is not concerned. */
  Optional<ResourceType> form(Webhook webhook, Subject subject) {
    return subject.matched(webhook.criteria(), registry, objects);
  }
}
