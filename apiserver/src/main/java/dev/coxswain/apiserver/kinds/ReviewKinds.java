package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Questions about who somebody is and what they may do. */
final class ReviewKinds {
  private ReviewKinds() {}

  static List<ResourceType> authentication(Kinds kinds) {
    return List.of(
        kinds.review("TokenReview").clusterScoped().build(),
        kinds.review("SelfSubjectReview").clusterScoped().build());
  }

  static List<ResourceType> authorization(Kinds kinds) {
    return List.of(
        kinds.review("LocalSubjectAccessReview").build(),
        kinds.review("SelfSubjectAccessReview").clusterScoped().build(),
        kinds.review("SelfSubjectRulesReview").clusterScoped().build(),
        kinds.review("SubjectAccessReview").clusterScoped().build());
  }
}
