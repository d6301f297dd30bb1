package dev.coxswain.apiserver.custom;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import tools.jackson.databind.node.ObjectNode;

/** Makes one version of a custom resource's object of another. */
@FunctionalInterface
interface VersionConverter {
  /** The strategy None: all versions look alike but for their name. */
  VersionConverter NONE = (object, wanted) -> object.put("apiVersion", wanted.apiVersion());

  /** The strategy Webhook, which is not built: an error is better than an object that is wrong. */
  VersionConverter WEBHOOK =
      (object, wanted) -> {
        throw new ApiException(
            StatusReason.INTERNAL_ERROR,
            "conversion webhook for "
                + wanted
                + " failed: this server does not call conversion webhooks yet; use the stored"
                + " version");
      };

  /** Changes the object to the wanted version. */
  void convert(ObjectNode object, GroupVersionKind wanted);
}
