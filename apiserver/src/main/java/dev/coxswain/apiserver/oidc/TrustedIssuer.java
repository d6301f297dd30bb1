package dev.coxswain.apiserver.oidc;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An issuer that the server believes, and how its tokens become users.
 *
 * @param keys where its keys are
 * @param audiences of which tokens must name one
 * @param requiredClaims claims that must be there, with their values
 * @param claimRules what must hold for a token
 * @param mapping how claims become a user
 * @param userRules what must hold for the user
 */
record TrustedIssuer(
    KeySource keys,
    Set<String> audiences,
    Map<String, String> requiredClaims,
    List<ValidationRule> claimRules,
    UserMapping mapping,
    List<ValidationRule> userRules) {}
