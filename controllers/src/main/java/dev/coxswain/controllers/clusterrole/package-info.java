/** Cluster roles that gather the rules of others. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.clusterrole;
