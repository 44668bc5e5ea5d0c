//! Which of several names was meant by one that is mistyped.

/// Returns the item whose name is most like the one that was typed, if any is near enough to be meant.
///
/// Fewest typing errors win (a swap of two letters is one), then the longer common beginning, then the shorter name.
/// After these come names that merely begin with what was typed.
pub fn nearest<'a, T>(typed: &str, names: impl IntoIterator<Item = (&'a str, T)>) -> Option<T> {
    let typed = typed.to_lowercase();
    let rank = |name: &str| rank(&typed, &name.to_lowercase());
    let ranked = names.into_iter().filter_map(|(name, item)| Some((rank(name)?, item)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, item)| item)
}

/// The smaller, the more alike; none for names that have too little in common.
fn rank(typed: &str, name: &str) -> Option<(usize, usize, usize)> {
    let (length, other) = (typed.chars().count(), name.chars().count());
    let longest = length.max(other);
    let errors = strsim::damerau_levenshtein(typed, name);
    let common = typed.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    let is_near = errors <= (longest / 3).max(1) && errors < longest;
    let is_beginning = length > 1 && name.starts_with(typed);
    (is_near || is_beginning).then_some((errors, longest - common, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found() {
        for (typed, names, expected) in [
            ("wbe", &["web2", "web", "wxyz"][..], Some("web")),
            ("web", &["web2", "website"], Some("web2")),
            ("web", &["website", "webshop-old"], Some("website")),
            ("websiet", &["api", "website", "website2"], Some("website")),
            ("WEB", &["web2", "web"], Some("web")),
            ("apo", &["app", "api", "aqo"], Some("app")),
            ("blgo", &["blog", "logo"], Some("blog")),
            ("projcet-api", &["project-ui", "project-api"], Some("project-api")),
            ("dajngo", &["mango", "django"], Some("django")),
            ("größe", &["grosse", "größe2"], Some("größe2")),
            ("a", &["b", "c"], None),
            ("zzz", &["api", "web"], None),
            ("x", &["xylophone"], None),
            ("", &["a"], None),
            ("web", &[], None),
        ] {
            assert_eq!(nearest(typed, names.iter().map(|name| (*name, *name))), expected, "{typed} {names:?}");
        }
    }
}
