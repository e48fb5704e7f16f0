//! The themes that people see: what a leaf is shown as, and which theme a name means.

use std::collections::BTreeMap;

use groundswell_model::ThemeId;

use super::{Node, Themes};

/// What leaf themes are shown as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The theme of each leaf; none for one that is hidden.
    pub groups: BTreeMap<String, Option<String>>,
    /// Names of themes that are not hidden.
    pub names: BTreeMap<String, String>,
}

impl Themes {
    /// Gives the themes that stand by themselves, hidden ones included, in the order of their numbers.
    pub fn standing(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.stands())
    }

    /// Gives what leaves are shown as.
    pub fn shown(&self) -> Shown {
        let mut shown = Shown::default();
        for leaf in self.nodes.iter().filter(|node| !node.retired) {
            let root = self.root(leaf.id);
            let Some(node) = self.node(root) else { continue };
            let group = (!node.hidden).then(|| root.to_string());
            if let Some(group) = &group {
                shown.names.insert(group.clone(), node.name());
            }
            shown.groups.insert(leaf.id.to_string(), group);
        }
        shown
    }

    /// Finds a theme by its id, by that of one that was merged into it, or by its name.
    pub fn find(&self, text: &str) -> Option<ThemeId> {
        let text = text.trim();
        let by_id = text.parse().ok().filter(|id| self.node(*id).is_some());
        by_id.map(|id| self.root(id)).or_else(|| {
            let lower = text.to_lowercase();
            self.standing().find(|node| node.name().to_lowercase() == lower).map(|node| node.id)
        })
    }
}
