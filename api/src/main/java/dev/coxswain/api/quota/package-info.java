/** What objects use of a ResourceQuota: the same rules for admission and for the quota's status. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.api.quota;
