//! Bearer tokens of the API are found by their digest, whoever's they are, and are revoked for good.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::TenantSlug;
use hawker_domain::api_access::ApiScope;
use hawker_domain::ids::ApiTokenId;

use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::api_tokens::{ApiToken, ApiTokens, NewApiToken};
use crate::sealing::Digest;
use crate::testing::examples::{after_noon, noon, tenant};

/// As it was made, and of its tenant.
pub async fn a_token_is_found_by_its_digest(fixture: &dyn StoreFixture) -> Outcome {
    let tokens = fixture.api_tokens();
    let whole = NewApiToken {
        expires_at: Some(after_noon(9_000)),
        ..token(1, fixture.tenant())
    };
    let bare = NewApiToken {
        scopes: Vec::new(),
        ..token(2, fixture.other_tenant())
    };
    for (made, seconds) in [(&whole, 1), (&bare, 2)] {
        tokens.add(made, after_noon(seconds)).await?;
    }
    for (made, seconds) in [(whole, 1), (bare, 2)] {
        let found = found(&tokens, &made.digest, seconds + 10).await?;
        let ApiToken {
            id,
            tenant,
            name,
            scopes,
            hint,
            created_at,
            expires_at,
            last_used_at: _,
            revoked_at,
        } = found;
        assert_eq!((id, tenant, name), (made.id, made.tenant, made.name));
        assert_eq!((scopes, hint), (made.scopes, made.hint));
        assert_eq!(created_at, after_noon(seconds));
        assert_eq!((expires_at, revoked_at), (made.expires_at, None));
    }
    Ok(())
}

/// However little it differs.
pub async fn an_unknown_digest_is_nobodys(fixture: &dyn StoreFixture) -> Outcome {
    let tokens = fixture.api_tokens();
    tokens.add(&token(1, fixture.tenant()), noon()).await?;
    let mut digest = Digest([1; 32]);
    digest.0[31] = 2;
    let found = tokens.by_digest(&digest, noon()).await?;
    assert_eq!(found, None);
    Ok(())
}

/// Revoked ones among them, and no one else's.
pub async fn the_tokens_of_a_tenant_are_listed_newest_first(fixture: &dyn StoreFixture) -> Outcome {
    let tokens = fixture.api_tokens();
    for (number, of, seconds) in [
        (1, fixture.tenant(), 20),
        (2, fixture.tenant(), 10),
        (3, fixture.other_tenant(), 15),
        (4, fixture.tenant(), 30),
    ] {
        tokens.add(&token(number, of), after_noon(seconds)).await?;
    }
    let ours = fixture.tenant();
    assert!(tokens.revoke(&ours, id(1), after_noon(40)).await?);
    for (of, expected) in [(ours, &[4, 1, 2][..]), (fixture.other_tenant(), &[3])] {
        let listed = tokens.of_tenant(&of).await?;
        let listed: Vec<_> = listed.iter().map(|token| token.id).collect();
        let expected: Vec<_> = expected.iter().copied().map(id).collect();
        assert_eq!(listed, expected, "{of}");
    }
    Ok(())
}

/// From the moment of the first time on, in whatever process it is asked for.
pub async fn a_revoked_token_is_told_as_revoked(fixture: &dyn StoreFixture) -> Outcome {
    let tokens = fixture.api_tokens();
    let ours = fixture.tenant();
    tokens.add(&token(1, ours.clone()), noon()).await?;
    tokens.add(&token(2, ours.clone()), noon()).await?;
    for seconds in [10, 20] {
        assert!(tokens.revoke(&ours, id(1), after_noon(seconds)).await?);
        let revoked = found(&fixture.api_tokens(), &Digest([1; 32]), 30).await?;
        assert_eq!(revoked.revoked_at, Some(after_noon(10)));
        assert!(!revoked.is_good(after_noon(30)));
    }
    let other = found(&tokens, &Digest([2; 32]), 30).await?;
    assert!(other.is_good(after_noon(30)));
    assert!(!tokens.revoke(&ours, id(9), after_noon(30)).await?);
    Ok(())
}

/// Whoever knows its id has no right to it for that.
pub async fn a_token_of_another_tenant_cannot_be_revoked(fixture: &dyn StoreFixture) -> Outcome {
    let tokens = fixture.api_tokens();
    tokens.add(&token(1, fixture.tenant()), noon()).await?;
    let other = fixture.other_tenant();
    assert!(!tokens.revoke(&other, id(1), after_noon(1)).await?);
    let untouched = found(&tokens, &Digest([1; 32]), 2).await?;
    assert_eq!(untouched.revoked_at, None);
    Ok(())
}

/// Of what was never used, nothing is said.
pub async fn the_use_of_a_token_is_noted_to_within_a_minute(fixture: &dyn StoreFixture) -> Outcome {
    let tokens = fixture.api_tokens();
    for number in [1, 2] {
        tokens.add(&token(number, fixture.tenant()), noon()).await?;
    }
    for seconds in [100, 130, 159, 200, 500] {
        found(&tokens, &Digest([1; 32]), seconds).await?;
        let listed = tokens.of_tenant(&fixture.tenant()).await?;
        let noted = |wanted| {
            let mut listed = listed.iter();
            listed.find(|token| token.id == id(wanted))?.last_used_at
        };
        let used_at = noted(1).expect("it was used");
        let (now, ago) = (after_noon(seconds), after_noon(seconds) - used_at);
        assert!(used_at <= now && ago <= TimeDelta::minutes(1), "{ago} ago");
        assert_eq!(noted(2), None);
    }
    Ok(())
}

/// A digest says whose request it is.
pub async fn two_tokens_never_share_a_digest(fixture: &dyn StoreFixture) -> Outcome {
    let tokens = fixture.api_tokens();
    tokens.add(&token(1, fixture.tenant()), noon()).await?;
    let same = NewApiToken {
        digest: Digest([1; 32]),
        ..token(2, fixture.other_tenant())
    };
    let added = tokens.add(&same, noon()).await;
    assert!(
        matches!(added, Err(StoreError::Refused { .. })),
        "{added:?}"
    );
    let found = found(&tokens, &Digest([1; 32]), 1).await?;
    assert_eq!(found.tenant, fixture.tenant());
    Ok(())
}

/// There would be nothing that it is for.
pub async fn a_token_of_a_tenant_that_does_not_exist_is_not_kept(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let tokens = fixture.api_tokens();
    let added = tokens.add(&token(1, tenant("nobody")), noon()).await;
    assert!(
        matches!(
            added,
            Err(StoreError::NoSuchTenant(_) | StoreError::Refused { .. })
        ),
        "{added:?}"
    );
    assert_eq!(tokens.by_digest(&Digest([1; 32]), noon()).await?, None);
    Ok(())
}

const fn id(number: u8) -> ApiTokenId {
    ApiTokenId::of(number as u128)
}

fn token(number: u8, tenant: TenantSlug) -> NewApiToken {
    NewApiToken {
        id: id(number),
        tenant,
        name: format!("hub {number}"),
        scopes: vec![ApiScope::ConnectorsWrite, ApiScope::AuditRead],
        digest: Digest([number; 32]),
        hint: "9f3c".into(),
        expires_at: None,
    }
}

async fn found(
    tokens: &Arc<dyn ApiTokens>,
    digest: &Digest,
    seconds: i64,
) -> Result<ApiToken, StoreError> {
    let found = tokens.by_digest(digest, after_noon(seconds)).await?;
    Ok(found.expect("the token was kept"))
}
