//! Every secret of a tenant, in the order of column and row.

use async_trait::async_trait;

use super::state::State;
use super::unit_of_work::InMemoryUnitOfWork;
use crate::profiles::Profile;
use crate::secrets::{Resealed, SECRET_COLUMNS, SecretPlace, StoredSecret, StoredSecrets};
use crate::{Sealed, StoreError};

#[async_trait]
impl StoredSecrets for InMemoryUnitOfWork {
    async fn page(
        &mut self,
        after: Option<&SecretPlace>,
        limit: u32,
    ) -> Result<Vec<StoredSecret>, StoreError> {
        self.read(|state| {
            let mut copy = state.clone();
            let mut secrets = copy.secrets_with_places();
            secrets.sort_by(|(one, _), (other, _)| one.cmp(other));
            secrets
                .into_iter()
                .filter(|(place, _)| after.is_none_or(|after| place > after))
                .take(usize::try_from(limit).unwrap_or(usize::MAX))
                .map(|(place, sealed)| StoredSecret {
                    place,
                    sealed: sealed.clone(),
                })
                .collect()
        })
    }

    async fn replace(&mut self, secrets: &[Resealed]) -> Result<u64, StoreError> {
        self.write(|state| {
            let mut places = state.secrets_with_places();
            let mut replaced = 0;
            for Resealed { place, old, new } in secrets {
                let stored = places.iter_mut().find(|(known, _)| known == place);
                if let Some((_, stored)) = stored.filter(|(_, stored)| *stored == old) {
                    **stored = new.clone();
                    replaced += 1;
                }
            }
            Ok(replaced)
        })
        .await
    }
}

impl State {
    fn secrets_with_places(&mut self) -> Vec<(SecretPlace, &mut Sealed)> {
        // A column that is added to the list has to be found a place here.
        let [
            partner_key,
            previous_push_key,
            push_key,
            access_token,
            refresh_token,
        ] = SECRET_COLUMNS;
        let of_profiles = self.profiles.values_mut().flat_map(|profile| {
            let Profile {
                id,
                partner_key: partner,
                previous_push_key: previous_push,
                push_key: push,
                ..
            } = profile;
            let columns = [
                (partner_key, partner),
                (previous_push_key, previous_push),
                (push_key, push),
            ];
            let row = id.to_string();
            columns
                .into_iter()
                .filter_map(move |(column, secret)| Some((place(column, &row), secret.as_mut()?)))
        });
        let of_tokens = self.tokens.values_mut().flat_map(|row| {
            let id = row.kept.id.to_string();
            [
                (place(access_token, &id), &mut row.kept.access_token),
                (place(refresh_token, &id), &mut row.kept.refresh_token),
            ]
        });
        of_profiles.chain(of_tokens).collect()
    }
}

fn place(column: &'static str, row: &str) -> SecretPlace {
    SecretPlace {
        column,
        row: row.to_owned(),
    }
}
