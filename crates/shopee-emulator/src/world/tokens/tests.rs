//! Rotation, grace and codes, to the second.

use super::*;
use crate::world::consent::{Account, Consent};

const ONE: Grantee = Grantee::Shop(1);
const TWO: Grantee = Grantee::Shop(2);
const NOW: Timestamp = 1_700_000_000;

fn serials() -> Serials {
    Serials::new(1)
}

#[test]
fn a_refresh_token_works_once_and_the_old_access_token_for_five_minutes_more() {
    let (mut tokens, mut serials) = (Tokens::default(), serials());
    let first = tokens.grant(&[ONE], &mut serials, NOW);
    let second = tokens
        .rotate(&first.refresh_token, ONE, &mut serials, NOW + 60)
        .unwrap();
    assert_ne!(first, second);
    assert_eq!(second.expires_at, NOW + 60 + ACCESS_TOKEN_SECONDS);
    let opens = |text: &str, at| tokens.access.opens(text, ONE, at);
    assert!(opens(&first.access_token, NOW + 60 + GRACE_SECONDS - 1));
    assert!(!opens(&first.access_token, NOW + 60 + GRACE_SECONDS));
    assert!(opens(&second.access_token, NOW + 60 + GRACE_SECONDS));
    assert_eq!(
        tokens.rotate(&first.refresh_token, ONE, &mut serials, NOW + 61),
        Err(Unfit::Spent)
    );
    assert_eq!(
        tokens.refresh.current(ONE, NOW + 61),
        Some(second.refresh_token.as_str())
    );
}

#[test]
fn a_grace_is_never_longer_than_the_tokens_own_life() {
    let (mut tokens, mut serials) = (Tokens::default(), serials());
    let first = tokens.grant(&[ONE], &mut serials, NOW);
    let late = first.expires_at - 10;
    tokens
        .rotate(&first.refresh_token, ONE, &mut serials, late)
        .unwrap();
    assert!(!tokens.access.opens(&first.access_token, ONE, late + 10));
}

#[test]
fn a_shared_refresh_token_works_once_for_each_of_its_owners() {
    let (mut tokens, mut serials) = (Tokens::default(), serials());
    let shared = tokens.grant(&[ONE, TWO, Grantee::Merchant(1)], &mut serials, NOW);
    for owner in [TWO, Grantee::Merchant(1), ONE] {
        let own = tokens.rotate(&shared.refresh_token, owner, &mut serials, NOW);
        assert!(tokens.access.opens(&own.unwrap().access_token, owner, NOW));
        let again = tokens.rotate(&shared.refresh_token, owner, &mut serials, NOW);
        assert_eq!(again, Err(Unfit::Spent));
    }
    let stranger = tokens.rotate(&shared.refresh_token, Grantee::Shop(3), &mut serials, NOW);
    assert_eq!(stranger, Err(Unfit::NotYours));
    assert_eq!(
        tokens.rotate("nothing", ONE, &mut serials, NOW),
        Err(Unfit::Unknown)
    );
}

#[test]
fn a_refresh_token_ends_after_thirty_days() {
    let (mut tokens, mut serials) = (Tokens::default(), serials());
    let pair = tokens.grant(&[ONE], &mut serials, NOW);
    let end = NOW + REFRESH_TOKEN_SECONDS;
    let late = tokens.rotate(&pair.refresh_token, ONE, &mut serials, end);
    assert_eq!(late, Err(Unfit::Expired));
    tokens
        .rotate(&pair.refresh_token, ONE, &mut serials, end - 1)
        .unwrap();
}

#[test]
fn another_authorisation_replaces_the_pair_at_once() {
    let (mut tokens, mut serials) = (Tokens::default(), serials());
    let first = tokens.grant(&[ONE], &mut serials, NOW);
    tokens.grant(&[ONE], &mut serials, NOW + 1);
    assert!(!tokens.access.opens(&first.access_token, ONE, NOW + 1));
    let stale = tokens.rotate(&first.refresh_token, ONE, &mut serials, NOW + 1);
    assert_eq!(stale, Err(Unfit::Spent));
}

#[test]
fn a_code_works_once_within_ten_minutes_for_its_own_account() {
    let mut codes = Codes::default();
    let issue = |codes: &mut Codes| {
        let consent = Consent::of_shop(1);
        codes.issue("code".to_owned(), 9, Redeemed::Redirect, consent, NOW);
    };
    let redeem = |codes: &mut Codes, partner, account, at| {
        codes.redeem("code", partner, Redeemed::Redirect, account, at)
    };
    issue(&mut codes);
    let of_shop = |id| Some(Account::Shop(id));
    assert_eq!(
        redeem(&mut codes, 9, of_shop(2), NOW),
        Err(CodeRefusal::WrongShop)
    );
    assert_eq!(
        redeem(&mut codes, 9, Some(Account::Main(1)), NOW),
        Err(CodeRefusal::WrongMainAccount)
    );
    assert_eq!(
        redeem(&mut codes, 8, of_shop(1), NOW),
        Err(CodeRefusal::Invalid)
    );
    assert_eq!(
        redeem(&mut codes, 9, of_shop(1), NOW + CODE_SECONDS),
        Err(CodeRefusal::Invalid)
    );
    redeem(&mut codes, 9, of_shop(1), NOW + CODE_SECONDS - 1).unwrap();
    assert_eq!(
        redeem(&mut codes, 9, of_shop(1), NOW),
        Err(CodeRefusal::Invalid)
    );
    issue(&mut codes);
    redeem(&mut codes, 9, None, NOW).unwrap();
}
