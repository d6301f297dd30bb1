/** Deployment: from one template to the next, a ReplicaSet each. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.deployment;
